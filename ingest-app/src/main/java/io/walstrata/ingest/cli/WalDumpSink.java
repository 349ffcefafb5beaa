package io.walstrata.ingest.cli;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalRecord;
import io.walstrata.postgres.wal.WalSegmentReader;
import java.io.IOException;

/** Where the records of a dump go. */
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

  /** Takes where the first record starts that is read, wanted or not; before all else, once. */
  default void begin(Lsn first) {}

  /**
   * Takes a record; returns false if the output is closed.
   *
   * @param segments to read large records from a second time
   */
  boolean add(WalRecord record, WalSegmentReader segments) throws IOException;

  /** Prints all that was taken so far, since nothing more may come for a while. */
  default void flush() {}

  /** Prints what is to be printed at the end, also when the end is an error. */
  void finish();
}
