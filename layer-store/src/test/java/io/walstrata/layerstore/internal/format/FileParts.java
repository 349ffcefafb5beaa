package io.walstrata.layerstore.internal.format;

import static io.walstrata.layerstore.internal.format.DeltaLayerFormat.*;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A delta layer file taken apart, each part without its checksum, to be put together again. */
final class FileParts {
  byte[] header;
  final List<byte[]> blocks = new ArrayList<>();
  byte[] index;
  byte[] tombstones;
  byte[] filter;
  byte[] footer;

  /** Takes a valid file apart. */
  FileParts(byte[] file) throws IOException {
    DeltaLayerFooter footer = DeltaLayerReader.readFooter(MemoryFile.input(file));
    header = part(file, 0, HEADER_LENGTH);
    index = part(file, footer.indexPosition(), footer.tombstonesPosition());
    tombstones = part(file, footer.tombstonesPosition(), footer.filterPosition());
    filter = part(file, footer.filterPosition(), footer.footerPosition());
    this.footer = part(file, footer.footerPosition(), file.length);
    for (int i = 0; i < footer.blocks(); i++) {
      long end = i + 1 < footer.blocks() ? position(i + 1) : footer.indexPosition();
      blocks.add(part(file, position(i), end));
    }
  }

  private static byte[] part(byte[] file, long start, long end) {
    return Arrays.copyOfRange(file, (int) start, (int) end - Checksum.BYTES);
  }

  private long position(int block) {
    return ByteBuffer.wrap(index).getLong(block * BLOCK_REF_LENGTH + BLOCK_REF_POSITION);
  }

  /** Returns how many blocks the index has room for. */
  int refs() {
    return index.length / BLOCK_REF_LENGTH;
  }

  /**
   * Returns the parts with right checksums.
   *
   * @param fits whether positions, counts and lengths are made to fit too
   */
  byte[] toBytes(boolean fits) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    add(file, header);
    for (int i = 0; i < blocks.size(); i++) {
      if (fits && i < refs()) {
        ByteBuffer.wrap(index).putLong(i * BLOCK_REF_LENGTH + BLOCK_REF_POSITION, file.size());
      }
      add(file, blocks.get(i));
    }
    fit(fits, FOOTER_INDEX_POSITION, file.size());
    fit(fits, FOOTER_BLOCKS, refs());
    add(file, index);
    fit(fits, FOOTER_TOMBSTONES_POSITION, file.size());
    fit(fits, FOOTER_TOMBSTONES, tombstones.length / TOMBSTONE_LENGTH);
    add(file, tombstones);
    fit(fits, FOOTER_FILTER_POSITION, file.size());
    add(file, filter);
    fit(fits, FOOTER_POSITION, file.size());
    fit(fits, FOOTER_FILE_LENGTH, file.size() + footer.length + Checksum.BYTES);
    add(file, footer);
    return file.toByteArray();
  }

  private void fit(boolean fits, int at, long value) {
    if (fits && at + Long.BYTES <= footer.length) {
      ByteBuffer.wrap(footer).putLong(at, value);
    }
  }

  private static void add(ByteArrayOutputStream file, byte[] part) {
    file.writeBytes(Checksum.seal(Arrays.copyOf(part, part.length + Checksum.BYTES)));
  }
}
