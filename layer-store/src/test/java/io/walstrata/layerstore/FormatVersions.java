package io.walstrata.layerstore;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Gives files another format version, under right checksums. */
final class FormatVersions {
  private FormatVersions() {}

  /** Of a layer file: in header and footer. */
  static void setLayer(Path file, int version) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    bytes.putShort(8, (short) version);
    seal(bytes, 0, 82);
    int length = bytes.capacity();
    bytes.putShort(length - 10, (short) version);
    seal(bytes, length - 192, length);
    Files.write(file, bytes.array());
  }

  static void setManifest(Path file, int version) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    bytes.putShort(8, (short) version);
    seal(bytes, 0, bytes.capacity());
    Files.write(file, bytes.array());
  }

  private static void seal(ByteBuffer bytes, int start, int end) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), start, end - 4 - start);
    bytes.putInt(end - 4, (int) crc.getValue());
  }
}
