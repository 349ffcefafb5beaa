package io.walstrata.ingest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RawWriterTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private PrintWriter writer() {
    // The stream's own encoding does not count.
    return new PrintWriter(
        new RawWriter(new PrintStream(bytes, false, StandardCharsets.US_ASCII)), true);
  }

  @Test
  void text_isUtf8_andBytesAreBytes() {
    writer().append("gid \u00fc\u20ac\ud83d\ude00 \udce9\udcff.\n").flush();
    byte[] before = "gid \u00fc\u20ac\ud83d\ude00 ".getBytes(StandardCharsets.UTF_8);
    assertThat(bytes.toByteArray())
        .startsWith(before)
        .endsWith((byte) 0xE9, (byte) 0xFF, (byte) '.', (byte) '\n')
        .hasSize(before.length + 4);
  }

  @Test
  void pair_mayBeCutByTheBuffer() {
    PrintWriter out = writer();
    // Alone the second of this pair would be a byte.
    out.write("\ud83d");
    out.write("\udc80\udc80");
    out.flush();
    byte[] pair = "\ud83d\udc80".getBytes(StandardCharsets.UTF_8);
    assertThat(bytes.toByteArray()).startsWith(pair).endsWith((byte) 0x80).hasSize(pair.length + 1);
  }

  @Test
  void closedOutput_shows() {
    PrintStream broken =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("broken pipe");
              }
            });
    PrintWriter out = new PrintWriter(new RawWriter(broken), true);
    out.println("x");
    assertThat(out.checkError()).isTrue();
  }
}
