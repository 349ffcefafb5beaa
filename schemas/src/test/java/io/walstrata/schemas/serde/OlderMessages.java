package io.walstrata.schemas.serde;

import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalRecord;
import java.util.HexFormat;
import org.apache.avro.specific.SpecificRecord;

/** {@link Messages} as they are in {@code golden/older}, whose schemas lack a field each. */
final class OlderMessages {
  private OlderMessages() {}

  static byte[] bytes(String record) {
    return Golden.lines("older/messages.txt").stream()
        .filter(line -> line.get(0).equals(record))
        .map(line -> HexFormat.of().parseHex(line.get(1)))
        .findFirst()
        .orElseThrow();
  }

  /** Returns what a reader makes of them: the default in the place of the missing field. */
  static SpecificRecord expected(String record) {
    return switch (record) {
      case "WalRecord" ->
          new WalRecord(
              Messages.RECORD.getTimeline(),
              Messages.RECORD.getLsn(),
              Messages.RECORD.getKey(),
              Messages.RECORD.getKind(),
              false,
              Messages.RECORD.getValue());
      case "WalBatch" ->
          new WalBatch(
              Messages.BATCH.getTimeline(),
              0L,
              Messages.BATCH.getEntries(),
              Messages.BATCH.getRaw());
      default -> throw new IllegalArgumentException(record);
    };
  }
}
