package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Files of each format version, as bytes that never change: they stay readable, and the writer
 * still gives them. A new version gets a folder of its own.
 *
 * <p>{@code -Dwalstrata.golden.write=DIRECTORY} writes them instead.
 */
class GoldenFileTest {
  @Test
  void deltaLayer_v1() throws IOException {
    byte[] golden = golden("small.delta.hex", Sample.small().write(/* blockTargetBytes= */ 100));

    try (DeltaLayerReader reader = DeltaLayerReader.open(MemoryFile.input(golden))) {
      reader.verify();
      assertThat(Sample.readAll(reader)).isEqualTo(Sample.small().entries());
      assertThat(reader.tombstones()).isEqualTo(Sample.small().tombstones());
    }
    assertThat(lines(Sample.small().write(100))).isEqualTo(lines(golden));
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void deltaLayer_v1_compressed(Compression compression) throws IOException {
    String name = compression.name().toLowerCase(Locale.ROOT) + ".delta.hex";
    byte[] golden = golden(name, Sample.small().write(1000, compression));

    assertThat(golden[DeltaLayerFormat.HEADER_LENGTH]).isEqualTo((byte) compression.id());
    try (DeltaLayerReader reader = DeltaLayerReader.open(MemoryFile.input(golden))) {
      reader.verify();
      assertThat(Sample.readAll(reader)).isEqualTo(Sample.small().entries());
    }
    // What is written may change with the library, but not what is read.
  }

  @Test
  void manifest_v1() throws IOException {
    Manifest manifest = ManifestFormatTest.sample();
    byte[] golden = golden("manifest.hex", ManifestFormat.encode(manifest));

    assertThat(ManifestFormat.decode("manifest", golden)).isEqualTo(manifest);
    assertThat(lines(ManifestFormat.encode(manifest))).isEqualTo(lines(golden));
  }

  @Test
  void manifest_v1_ofLayersThatWereFrozenEarly() throws IOException {
    Manifest manifest = ManifestFormatTest.frozenEarly();
    byte[] golden = golden("manifest-frozen-early.hex", ManifestFormat.encode(manifest));

    assertThat(ManifestFormat.decode("manifest", golden)).isEqualTo(manifest);
    assertThat(lines(ManifestFormat.encode(manifest))).isEqualTo(lines(golden));
  }

  private static byte[] golden(String name, byte[] written) throws IOException {
    String directory = System.getProperty("walstrata.golden.write");
    if (directory != null) {
      Files.writeString(Path.of(directory, name), lines(written));
    }
    try (InputStream in = GoldenFileTest.class.getResourceAsStream("/golden/v1/" + name)) {
      assertThat(in).as("golden file " + name).isNotNull();
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
    }
  }

  /** Returns hexadecimal digits, 32 bytes a line. */
  private static String lines(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < bytes.length; at += 32) {
      text.append(HexFormat.of().formatHex(bytes, at, Math.min(bytes.length, at + 32)))
          .append('\n');
    }
    return text.toString();
  }
}
