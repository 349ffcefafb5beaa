package io.walstrata.harness.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a process has written to its log since it was started last. */
final class RestartLog {
  private final String text;

  private RestartLog(String text) {
    this.text = text;
  }

  /** Reads what is after a position; nothing if there is no file. */
  static RestartLog read(Path file, long from) throws IOException {
    if (!Files.exists(file)) {
      return new RestartLog("");
    }
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) (log.length() - from)];
      log.seek(from);
      log.readFully(bytes);
      return new RestartLog(new String(bytes, StandardCharsets.UTF_8));
    }
  }

  /** Returns the time, in milliseconds since 1970, of the first line with this in it. */
  OptionalLong first(String part) {
    return text.lines().filter(line -> line.contains(part)).mapToLong(RestartLog::time).findFirst();
  }

  private static long time(String line) {
    return OffsetDateTime.parse(line.substring(0, line.indexOf(' '))).toInstant().toEpochMilli();
  }

  /** Returns the sum of the numbers after a name, {@code ms=}, in lines with this in them. */
  long sum(String part, String name) {
    Pattern pattern = Pattern.compile(Pattern.quote(name) + "([0-9]+)");
    return text.lines()
        .filter(line -> line.contains(part))
        .mapToLong(
            line -> {
              Matcher matcher = pattern.matcher(line);
              return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
            })
        .sum();
  }

  /** Returns the greatest of such numbers; empty for none. */
  OptionalLong max(String part, String name) {
    return text.lines().anyMatch(line -> line.contains(part))
        ? OptionalLong.of(
            text.lines()
                .filter(line -> line.contains(part))
                .mapToLong(line -> new RestartLog(line).sum(part, name))
                .max()
                .orElseThrow())
        : OptionalLong.empty();
  }

  /** Returns the milliseconds between the first lines with these; empty if one is missing. */
  OptionalLong between(String start, String end) {
    OptionalLong from = first(start);
    OptionalLong to = first(end);
    return from.isPresent() && to.isPresent()
        ? OptionalLong.of(to.getAsLong() - from.getAsLong())
        : OptionalLong.empty();
  }
}
