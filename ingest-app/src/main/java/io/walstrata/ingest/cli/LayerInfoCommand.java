package io.walstrata.ingest.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.walstrata.ingest.http.Json;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.LayerFileInfo;
import io.walstrata.layerstore.LayerFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Prints the header and footer of layer files. */
@Command(
    name = "info",
    description = "Print header and footer of layer files: ranges, counts, sizes.",
    footer = {"", LayerCommand.STATUSES})
final class LayerInfoCommand extends LayerCommand.EachFile {
  /** A line of JSON. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      String file,
      String name,
      int formatVersion,
      String timeline,
      @Nullable String startKey,
      String startKeyHex,
      @Nullable String endKey,
      String endKeyHex,
      String startLsn,
      String endLsn,
      long startOffset,
      long endOffset,
      long versions,
      long keys,
      long tombstones,
      long valueBytes,
      long fileBytes,
      long blocks,
      String digest) {

    static Line of(LayerFileInfo info) {
      LayerDesc layer = info.layer();
      return new Line(
          info.file().toString(),
          layer.name(),
          info.formatVersion(),
          layer.timeline().toString(),
          KeyText.dotted(layer.keyRange().startKey()),
          layer.keyRange().startKey().toString(),
          KeyText.dotted(layer.keyRange().endKey()),
          layer.keyRange().endKey().toString(),
          layer.lsnRange().startLsn().toString(),
          layer.lsnRange().endLsn().toString(),
          layer.startOffset(),
          layer.endOffset(),
          layer.versions(),
          info.keys(),
          layer.tombstones(),
          info.valueBytes(),
          layer.sizeBytes(),
          info.blocks(),
          HexFormat.of().toHexDigits(info.contentDigest()));
    }
  }

  private boolean isFirst = true;

  @Override
  void print(Path file, PrintWriter out) throws IOException {
    LayerFileInfo info = LayerFiles.info(file);
    if (json) {
      out.println(Json.text(Line.of(info)));
      return;
    }
    if (!isFirst) {
      out.println();
    }
    isFirst = false;
    LayerDesc layer = info.layer();
    out.println("file            " + info.file());
    out.println("name            " + layer.name());
    out.println("format version  " + info.formatVersion());
    out.println("state           " + layer.state().name().toLowerCase(Locale.ROOT));
    out.println("timeline        " + layer.timeline());
    out.println("keys from       " + layer.keyRange().startKey().describe());
    out.println("keys before     " + layer.keyRange().endKey().describe());
    out.println("lsns            " + layer.lsnRange());
    out.println("offsets         " + layer.startOffset() + "-" + layer.endOffset());
    out.println("versions        " + layer.versions() + " of " + info.keys() + " keys");
    out.println("tombstones      " + layer.tombstones());
    out.println("value bytes     " + info.valueBytes());
    out.println("file bytes      " + layer.sizeBytes() + " in " + info.blocks() + " blocks");
    out.println("digest          " + HexFormat.of().toHexDigits(info.contentDigest()));
  }
}
