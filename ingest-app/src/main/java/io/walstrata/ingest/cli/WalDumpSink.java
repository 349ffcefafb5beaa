package io.walstrata.ingest.cli;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;

/** Receives the records of a dump. */
interface WalDumpSink {
  /** Prints nothing. */
  WalDumpSink NONE =
      new WalDumpSink() {
        @Override
        public boolean add(WalRecord record, WalSegmentReader segments) {
          return true;
        }

        @Override
        public void finish() {}
      };

  /** Receives where the first record starts that is read, printed or not; called once, first. */
  default void begin(Lsn first) {}

  /**
   * Prints or collects a record; returns false if the output is closed.
   *
   * @param segments to read large records from a second time
   */
  boolean add(WalRecord record, WalSegmentReader segments) throws IOException;

  /** Prints what was received so far: more may not come for a while. */
  default void flush() {}

  /** Prints what is to be printed at the end, also when the end is an error. */
  void finish();
}
