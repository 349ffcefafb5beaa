package io.walstrata.harness.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarTest {
  private static final String LONG = "a/".repeat(60) + "name-of-more-than-a-hundred-bytes";

  @TempDir Path folder;
  private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

  @Test
  void unpack_makesFilesFoldersAndLinks() throws IOException {
    entry('5', "d/", "", 0755, "");
    entry('0', "d/program", "", 0755, "x".repeat(1000));
    entry('0', "d/text", "", 0644, "hello");
    entry('0', "d/empty", "", 0644, "");
    entry('2', "d/link", "text", 0777, "");
    unpack();
    assertThat(folder.resolve("d/program")).hasContent("x".repeat(1000)).isExecutable();
    assertThat(folder.resolve("d/text")).hasContent("hello");
    assertThat(Files.isExecutable(folder.resolve("d/text"))).isFalse();
    assertThat(folder.resolve("d/empty")).isEmptyFile();
    assertThat(folder.resolve("d/link")).isSymbolicLink().hasContent("hello");
  }

  @Test
  void unpack_takesGnuLongNames_forOneEntryOnly() throws IOException {
    entry('L', "././@LongLink", "", 0, LONG + "\0");
    entry('0', LONG.substring(0, 100), "", 0644, "long");
    entry('0', "short", "", 0644, "short");
    unpack();
    assertThat(folder.resolve(LONG)).hasContent("long");
    assertThat(folder.resolve("short")).hasContent("short");
  }

  @Test
  void unpack_joinsPosixPrefix() throws IOException {
    byte[] header = header('0', "name", "", 0644, 2);
    put(header, 257, "ustar\00000");
    put(header, 345, "some/prefix");
    tar.write(header);
    content("hi");
    unpack();
    assertThat(folder.resolve("some/prefix/name")).hasContent("hi");
  }

  @Test
  void unpack_refusesEntriesOutside() throws IOException {
    entry('0', "d/../../outside", "", 0644, "x");
    assertThatThrownBy(this::unpack).hasMessageContaining("outside its folder");
    assertThat(folder.resolveSibling("outside")).doesNotExist();
  }

  @Test
  void unpack_refusesOtherTypes() throws IOException {
    entry('1', "hard", "link", 0644, "");
    assertThatThrownBy(this::unpack)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("type=1")
        .hasMessageContaining("hard");
  }

  @Test
  void unpack_tellsOfArchivesCutOff() throws IOException {
    entry('0', "file", "", 0644, "x".repeat(600));
    byte[] whole = tar.toByteArray();
    for (int length : new int[] {0, 100, 512, 700, 1200}) {
      Path into = Files.createDirectory(folder.resolve("cut-" + length));
      assertThatThrownBy(
              () -> Tar.unpack(new ByteArrayInputStream(Arrays.copyOf(whole, length)), into))
          .as("length=%s", length)
          .isInstanceOf(EOFException.class);
    }
  }

  private void unpack() throws IOException {
    tar.write(new byte[1024]);
    Tar.unpack(new ByteArrayInputStream(tar.toByteArray()), folder);
  }

  private void entry(char type, String name, String link, int mode, String content)
      throws IOException {
    tar.write(header(type, name, link, mode, content.length()));
    content(content);
  }

  private void content(String content) throws IOException {
    tar.write(content.getBytes(StandardCharsets.ISO_8859_1));
    tar.write(new byte[(512 - content.length() % 512) % 512]);
  }

  private static byte[] header(char type, String name, String link, int mode, int size) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, String.format("%07o", mode));
    put(header, 124, String.format("%011o", size));
    header[156] = (byte) type;
    put(header, 157, link);
    put(header, 257, "ustar  ");
    return header;
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
