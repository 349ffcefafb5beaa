package io.walstrata.ingest.cli;

import io.walstrata.postgres.wal.RawText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Writes text as UTF-8 whatever the locale, and the bytes in names from PostgreSQL's log that are
 * not UTF-8 ({@link RawText}) as they are, which is what pg_waldump prints.
 */
final class RawWriter extends Writer {
  private final PrintStream out;

  /** The first of a pair whose second has not come yet, or 0. */
  private char high;

  RawWriter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void write(char[] text, int offset, int length) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(length + 16);
    StringBuilder run = new StringBuilder(length + 1);
    synchronized (lock) {
      for (int i = offset; i < offset + length; i++) {
        add(text[i], run, bytes);
      }
      encode(run, bytes);
      out.write(bytes.toByteArray(), 0, bytes.size());
    }
  }

  private void add(char c, StringBuilder run, ByteArrayOutputStream bytes) {
    boolean pair = high != 0 && Character.isLowSurrogate(c);
    if (high != 0) {
      run.append(high);
      high = 0;
    }
    if (Character.isHighSurrogate(c)) {
      high = c;
    } else if (RawText.isByte(c) && !pair) {
      encode(run, bytes);
      bytes.write(c);
    } else {
      run.append(c);
    }
  }

  private static void encode(StringBuilder run, ByteArrayOutputStream bytes) {
    bytes.writeBytes(run.toString().getBytes(StandardCharsets.UTF_8));
    run.setLength(0);
  }

  /**
   * @throws IOException if the stream is broken, so that {@code PrintWriter.checkError} shows it
   */
  @Override
  public void flush() throws IOException {
    if (out.checkError()) {
      throw new IOException("the output is closed");
    }
  }

  @Override
  public void close() throws IOException {
    flush();
  }
}
