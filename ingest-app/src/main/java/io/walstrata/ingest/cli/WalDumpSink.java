package io.walstrata.ingest.cli;

import io.walstrata.ingest.pgwal.PgWalRecord;

/** Where the records of a dump go. */
interface WalDumpSink {
  /** Takes a record; returns false if nobody reads the output any more. */
  boolean add(PgWalRecord record);

  /** Prints what is to be printed at the end, also when the end is an error. */
  void finish();
}
