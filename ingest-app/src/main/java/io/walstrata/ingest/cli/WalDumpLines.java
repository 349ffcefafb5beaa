package io.walstrata.ingest.cli;

import io.walstrata.ingest.pgwal.PgWalRecord;
import io.walstrata.ingest.pgwal.PgWalText;
import java.io.PrintWriter;

/** Prints a line for each record. */
final class WalDumpLines implements WalDumpSink {
  private static final int BUFFER_CHARS = 64 * 1024;

  private final PrintWriter out;
  private final PgWalText text;
  private final StringBuilder buffer = new StringBuilder(BUFFER_CHARS + 1024);

  WalDumpLines(PrintWriter out, PgWalText text) {
    this.out = out;
    this.text = text;
  }

  @Override
  public boolean add(PgWalRecord record) {
    buffer.append(text.line(record)).append('\n');
    return buffer.length() < BUFFER_CHARS || flush();
  }

  @Override
  public void finish() {
    flush();
  }

  private boolean flush() {
    out.append(buffer);
    buffer.setLength(0);
    return !out.checkError();
  }
}
