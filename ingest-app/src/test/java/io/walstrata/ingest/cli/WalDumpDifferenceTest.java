package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.walstrata.postgres.wal.RealWal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the pg_waldump of PostgreSQL 15 with the same arguments on the same files. Where it is not
 * installed the test is skipped; {@code walstrata.test.pg_waldump} says where it is.
 */
class WalDumpDifferenceTest {
  private static final Path TOOL =
      Path.of(
          System.getProperty("walstrata.test.pg_waldump", "/usr/lib/postgresql/15/bin/pg_waldump"));
  private static final Pattern WORDS = Pattern.compile(" +");
  private static final String FIRST = "000000010000000000000006";
  private static final String SECOND = "000000010000000000000007";

  @TempDir Path directory;

  private final TimeZone zone = TimeZone.getDefault();

  @BeforeEach
  void unpack() throws IOException {
    if (!Files.isExecutable(TOOL)) {
      abort("NOT COMPARED, there is no pg_waldump of PostgreSQL 15: " + TOOL);
    }
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    RealWal.of("pg15").unpack(Files.createDirectory(directory.resolve("pg_wal")));
  }

  @AfterEach
  void restoreZone() {
    TimeZone.setDefault(zone);
  }

  private List<String> arguments(String options) {
    return WORDS
        .splitAsStream(options)
        .map(word -> word.replace("DIR", directory.resolve("pg_wal").toString()))
        .map(word -> word.replace("DATA", directory.toString()))
        .toList();
  }

  private String pgWaldump(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(TOOL.toString()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectError(directory.resolve("err").toFile());
    builder.environment().put("TZ", "UTC");
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return out;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DIR/" + FIRST,
        "DIR/" + SECOND,
        "DIR/" + FIRST + " DIR/" + SECOND,
        "DIR/" + FIRST + " " + SECOND,
        "-p DIR " + FIRST + " " + SECOND,
        "-p DATA " + FIRST + " " + SECOND,
        "-p DIR -s 0/600028",
        "-p DATA --start=0/700000",
        "-p DIR -s 0/600028 -e 0/6FFFF0",
        "-p DIR -s 0/600028 -e 0/700000",
        "-p DIR -s 0/600028 -t 1 -n 7",
        "-b DIR/" + FIRST + " DIR/" + SECOND,
        "--bkp-details -w -p DIR " + FIRST,
        "-w DIR/" + FIRST,
        "-q DIR/" + FIRST,
        "-F vm DIR/" + FIRST + " DIR/" + SECOND,
        "-F fsm DIR/" + FIRST + " DIR/" + SECOND,
        "-F main -n 20 DIR/" + FIRST,
        "-F init DIR/" + FIRST + " DIR/" + SECOND,
        "-r Btree -r heap2 DIR/" + FIRST,
        "-r list",
        "-z DIR/" + FIRST,
        "--stats=record DIR/" + FIRST + " DIR/" + SECOND,
        "-z -r Heap DIR/" + FIRST,
        "-p DIR -s 0/600031 -n 3",
        "-p DIR -s 0/600031 -z -n 3",
        "-p DIR -s 0/600031 -e 0/6FFFF0 -q",
      })
  void output_isTheSame(String options) throws Exception {
    List<String> arguments = arguments(options);
    assertSame(arguments);
  }

  private void assertSame(List<String> arguments) throws Exception {
    List<String> own = new ArrayList<>(List.of("wal", "dump", "--exact"));
    // A bare second segment is in the first one's directory.
    own.addAll(arguments);
    Cli.Outcome outcome = Cli.run(own.toArray(new String[0]));
    assertThat(outcome.out()).as("%s, err=%s", own, outcome.err()).isEqualTo(pgWaldump(arguments));
  }

  /** Options whose values are from the log itself. */
  @ParameterizedTest
  @ValueSource(ints = {3, 400, 1500})
  void selections_areTheSame(int index) throws Exception {
    List<String> files = arguments("DIR/" + FIRST + " DIR/" + SECOND);
    List<String> blocks =
        pgWaldump(files).lines().filter(line -> line.contains("blkref #0")).toList();
    String line = blocks.get(Math.min(index, blocks.size() - 1));
    String relation = line.replaceAll(".*blkref #0: rel ([0-9/]+) .*", "$1");
    String block = line.replaceAll(".*blkref #0: rel [0-9/]+ (?:fork \\w+ )?blk (\\d+).*", "$1");
    String xid = line.replaceAll(".* tx: +(\\d+),.*", "$1");
    String lsn = line.replaceAll(".* lsn: ([0-9A-F/]+),.*", "$1");
    for (String options :
        List.of(
            "-R " + relation,
            "-R " + relation + " -B " + block,
            "-R " + relation + " -B " + block + " -F main",
            "--relation=" + relation + " --fork=fsm",
            "-x " + xid,
            "--xid=" + xid + " -w",
            "-e " + lsn)) {
      List<String> arguments = new ArrayList<>(arguments(options));
      arguments.addAll(files);
      if (!options.startsWith("-e") || lsn.startsWith("0/007")) {
        assertSame(arguments);
      }
    }
  }

  /** An end within, at and right after a record, aligned or not. */
  @ParameterizedTest
  @ValueSource(ints = {50, 51, 52, 53, 54, 55, 56, 57, 58, 59})
  void ends_areTheSame(int index) throws Exception {
    List<String> all = pgWaldump(arguments("DIR/" + SECOND)).lines().toList();
    String text = all.get(index).replaceAll(".* lsn: ([0-9A-F/]+),.*", "$1");
    long start = io.walstrata.layerstore.page.Lsn.parse(text).value();
    for (int i = -8; i <= 8; i++) {
      String end = io.walstrata.layerstore.page.Lsn.of(start + i).toString();
      assertSame(arguments("-e " + end + " DIR/" + SECOND));
    }
  }
}
