package io.walstrata.harness.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class ArchivesTest {
  private static final String LONG = "a/".repeat(60) + "name-of-more-than-a-hundred-bytes";

  @TempDir Path folder;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private TarArchiveOutputStream tar;

  @BeforeEach
  void beginArchive() {
    tar = new TarArchiveOutputStream(bytes);
  }

  @Test
  void unpack_makesFilesFoldersAndLinks() throws IOException {
    entry(TarConstants.LF_DIR, "d/", "", 0755, "");
    entry(TarConstants.LF_NORMAL, "d/program", "", 0755, "x".repeat(1000));
    entry(TarConstants.LF_NORMAL, "d/text", "", 0644, "hello");
    entry(TarConstants.LF_NORMAL, "d/empty", "", 0644, "");
    entry(TarConstants.LF_SYMLINK, "d/link", "text", 0777, "");
    Path d = unpackGzip().resolve("d");
    assertThat(d.resolve("program")).hasContent("x".repeat(1000)).isExecutable();
    assertThat(d.resolve("text")).hasContent("hello");
    assertThat(Files.isExecutable(d.resolve("text"))).isFalse();
    assertThat(d.resolve("empty")).isEmptyFile();
    assertThat(d.resolve("link")).isSymbolicLink().hasContent("hello");
  }

  @ParameterizedTest
  @ValueSource(ints = {TarArchiveOutputStream.LONGFILE_GNU, TarArchiveOutputStream.LONGFILE_POSIX})
  void unpack_takesLongNames_forOneEntryOnly(int mode) throws IOException {
    tar.setLongFileMode(mode);
    entry(TarConstants.LF_NORMAL, LONG, "", 0644, "long");
    entry(TarConstants.LF_NORMAL, "short", "", 0644, "short");
    Path unpacked = unpackGzip();
    assertThat(unpacked.resolve(LONG)).hasContent("long");
    assertThat(unpacked.resolve("short")).hasContent("short");
  }

  @Test
  void unpack_takesTheXzInsideAJar() throws IOException {
    entry(TarConstants.LF_NORMAL, "some/prefix/name", "", 0644, "hi");
    tar.close();
    Path jar = folder.resolve("postgres.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("META-INF/MANIFEST.MF"));
      zip.putNextEntry(new ZipEntry("postgres.txz"));
      XZOutputStream xz = new XZOutputStream(zip, new LZMA2Options());
      xz.write(bytes.toByteArray());
      xz.finish();
    }
    assertThat(Archives.unpackOnce(jar, folder).resolve("some/prefix/name")).hasContent("hi");
  }

  @Test
  void unpack_refusesEntriesOutside() throws IOException {
    entry(TarConstants.LF_NORMAL, "d/../../outside", "", 0644, "x");
    assertThatThrownBy(this::unpackGzip)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("d/../../outside");
    assertThat(folder.resolve("outside")).doesNotExist();
    assertNothingUnpacked();
  }

  @Test
  void unpack_refusesOtherTypes() throws IOException {
    entry(TarConstants.LF_LINK, "hard", "link", 0644, "");
    assertThatThrownBy(this::unpackGzip)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("type")
        .hasMessageContaining("hard");
    assertNothingUnpacked();
  }

  @Test
  void unpack_refusesArchivesCutOff() throws IOException {
    entry(TarConstants.LF_NORMAL, "file", "", 0644, "x".repeat(600));
    byte[] whole = gzip();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> unpack(cut)).as("length=%s", length).isInstanceOf(IOException.class);
    }
    assertNothingUnpacked();
  }

  private void assertNothingUnpacked() {
    assertThat(folder.toFile().list()).containsExactly("registry.tar.gz");
  }

  private Path unpackGzip() throws IOException {
    return unpack(gzip());
  }

  private Path unpack(byte[] archive) throws IOException {
    return Archives.unpackOnce(Files.write(folder.resolve("registry.tar.gz"), archive), folder);
  }

  private byte[] gzip() throws IOException {
    tar.close();
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
      bytes.writeTo(gzip);
    }
    return compressed.toByteArray();
  }

  private void entry(byte type, String name, String link, int mode, String content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setLinkName(link);
    entry.setMode(mode);
    entry.setSize(content.length());
    tar.putArchiveEntry(entry);
    tar.write(content.getBytes(StandardCharsets.US_ASCII));
    tar.closeArchiveEntry();
  }
}
