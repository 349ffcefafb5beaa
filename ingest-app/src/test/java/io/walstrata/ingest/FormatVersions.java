package io.walstrata.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Gives files another format version, under right checksums. */
public final class FormatVersions {
  private FormatVersions() {}

  /** Of a layer file: in its footer, which is what is looked at first. */
  public static void setLayer(Path file, int version) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    int length = bytes.capacity();
    bytes.putShort(length - 10, (short) version);
    seal(bytes, length - 192);
    Files.write(file, bytes.array());
  }

  public static void setManifest(Path file, int version) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    bytes.putShort(8, (short) version);
    seal(bytes, 0);
    Files.write(file, bytes.array());
  }

  private static void seal(ByteBuffer bytes, int start) {
    int end = bytes.capacity() - 4;
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), start, end - start);
    bytes.putInt(end, (int) crc.getValue());
  }
}
