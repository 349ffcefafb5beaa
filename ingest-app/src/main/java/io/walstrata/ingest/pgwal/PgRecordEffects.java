package io.walstrata.ingest.pgwal;

/** What records do beyond their block references. */
final class PgRecordEffects {
  private PgRecordEffects() {}

  static void add(PgWalRecord record, PgEffectsBuilder effects) {}
}
