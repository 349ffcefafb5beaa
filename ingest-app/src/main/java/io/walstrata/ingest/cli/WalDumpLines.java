package io.walstrata.ingest.cli;

import io.walstrata.postgres.rmgr.WalText;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;
import java.io.PrintWriter;

/** Prints a line for each record. */
final class WalDumpLines implements WalDumpSink {
  private static final int BUFFER_CHARS = 64 * 1024;

  /**
   * How a record is printed.
   *
   * @param withEnd whether to add where it ends
   * @param blockDetails whether to print a line for each block
   */
  record Format(boolean withEnd, boolean blockDetails) {}

  private final PrintWriter out;
  private final WalText text;
  private final Format format;
  private final StringBuilder buffer = new StringBuilder(BUFFER_CHARS + 1024);

  WalDumpLines(PrintWriter out, WalText text, Format format) {
    this.out = out;
    this.text = text;
    this.format = format;
  }

  @Override
  public boolean add(WalRecord record, WalSegmentReader segments) throws IOException {
    buffer.append(text.start(record, format.withEnd()));
    if (WalText.hasPayload(record)) {
      WalText.payload(record, segments, this::append);
    }
    if (format.blockDetails()) {
      buffer.append('\n').append(WalText.blockDetails(record));
    } else {
      buffer.append(WalText.blockReferences(record)).append('\n');
    }
    return buffer.length() < BUFFER_CHARS || print();
  }

  private void append(String part) {
    buffer.append(part);
    if (buffer.length() >= BUFFER_CHARS) {
      print();
    }
  }

  @Override
  public void flush() {
    print();
    out.flush();
  }

  @Override
  public void finish() {
    print();
  }

  private boolean print() {
    out.append(buffer);
    buffer.setLength(0);
    return !out.checkError();
  }
}
