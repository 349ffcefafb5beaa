package io.walstrata.ingest.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.walstrata.ingest.http.Json;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.LayerFileFilter;
import io.walstrata.layerstore.LayerFileVisitor;
import io.walstrata.layerstore.LayerFiles;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.Value;
import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.PgKeyText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Prints the content of layer files, a line at a time. */
@Command(
    name = "dump",
    description = {
      "Print the tombstones and versions of layer files, one a line, sorted by key and LSN in each"
          + " file. Of several files each that has lines begins with one that names it.",
      "Values that come from PostgreSQL are described; points in time are UTC."
    },
    footer = {"", LayerCommand.STATUSES})
final class LayerDumpCommand extends LayerCommand.EachFile {
  /** After so many lines it is looked whether the reader of a pipe is still there. */
  private static final int LINES_PER_CHECK = 1024;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      converter = KeyText.OfKey.class,
      description = {"Only this page:", PgKeyText.FORMS + "."})
  private @Nullable PageKey key;

  @Option(
      names = "--from",
      paramLabel = "LSN",
      converter = KeyText.OfLsn.class,
      description = "Only from this LSN on, inclusive.")
  private @Nullable Lsn from;

  @Option(
      names = "--to",
      paramLabel = "LSN",
      converter = KeyText.OfLsn.class,
      description = "Only up to this LSN, inclusive.")
  private @Nullable Lsn to;

  @Option(
      names = "--limit",
      paramLabel = "NUMBER",
      description = "At most so many lines, of all files together.")
  private long limit = Long.MAX_VALUE;

  private boolean isOneOfMany;
  private long printed;
  private boolean isReaderGone;

  /** A tombstone as a line of JSON. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TombstoneLine(
      String type,
      String timeline,
      @Nullable String startKey,
      String startKeyHex,
      @Nullable String endKey,
      String endKeyHex,
      String lsn,
      String file) {}

  /** A version as a line of JSON. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record VersionLine(
      String type,
      String timeline,
      @Nullable String key,
      String keyHex,
      String lsn,
      String kind,
      int bytes,
      String description,
      String file) {}

  @Override
  void check() {
    if (limit < 1) {
      throw usage("limit must be positive: limit=" + limit);
    }
    if (from != null && to != null && from.isAfter(to)) {
      throw usage("--from must not be after --to: from=" + from + ", to=" + to);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  @Override
  void begin(int files) {
    isOneOfMany = files > 1;
  }

  @Override
  boolean isDone(PrintWriter out) {
    return printed >= limit || isReaderGone;
  }

  @Override
  void print(Path file, PrintWriter out) throws IOException {
    LayerFileFilter filter =
        new LayerFileFilter(
            key == null ? KeyRange.ALL : KeyRange.of(key),
            from == null ? Lsn.INVALID : from,
            to == null ? Lsn.MAX : to);
    LayerFiles.visit(file, filter, new Lines(file, out));
    out.flush();
  }

  /** Prints a file's lines. */
  private final class Lines implements LayerFileVisitor {
    private final Path file;
    private final PrintWriter out;
    private @Nullable LayerDesc layer;
    private boolean isNamed;

    Lines(Path file, PrintWriter out) {
      this.file = file;
      this.out = out;
    }

    @Override
    public boolean layer(LayerDesc described) {
      layer = described;
      return true;
    }

    @Override
    public boolean tombstone(Tombstone tombstone) {
      KeyRange keys = tombstone.keys();
      if (!json) {
        return line("tombstone " + keys.describe() + " " + tombstone.lsn());
      }
      return line(
          Json.text(
              new TombstoneLine(
                  "tombstone",
                  timeline(),
                  KeyText.dotted(keys.startKey()),
                  keys.startKey().toString(),
                  KeyText.dotted(keys.endKey()),
                  keys.endKey().toString(),
                  tombstone.lsn().toString(),
                  file.toString())));
    }

    @Override
    public boolean version(PageKey at, Lsn lsn, Value value) {
      String description = WalText.describeVersion(at, lsn, value);
      if (!json) {
        return line(at.describe() + " " + lsn + " " + description);
      }
      return line(
          Json.text(
              new VersionLine(
                  "version",
                  timeline(),
                  KeyText.dotted(at),
                  at.toString(),
                  lsn.toString(),
                  value.kind().name().toLowerCase(Locale.ROOT),
                  value.bytes().length,
                  description,
                  file.toString())));
    }

    private String timeline() {
      return layer == null ? "" : layer.timeline().toString();
    }

    private boolean line(String text) {
      if (isOneOfMany && !json && !isNamed) {
        print(heading() + '\n');
        isNamed = true;
      }
      print(text + '\n');
      printed++;
      isReaderGone = printed % LINES_PER_CHECK == 0 && out.checkError();
      return printed < limit && !isReaderGone;
    }

    /** Not println, which flushes each line. */
    private void print(String text) {
      out.write(text);
    }

    private String heading() {
      LayerDesc desc = layer;
      return desc == null
          ? "layer " + file
          : "layer "
              + file
              + " timeline="
              + desc.timeline()
              + " lsns="
              + desc.lsnRange()
              + " offsets="
              + desc.startOffset()
              + ".."
              + desc.endOffset()
              + " versions="
              + desc.versions()
              + " tombstones="
              + desc.tombstones();
    }
  }
}
