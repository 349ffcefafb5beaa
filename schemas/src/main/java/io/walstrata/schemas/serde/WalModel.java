package io.walstrata.schemas.serde;

import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalTombstone;
import io.walstrata.schemas.WalValueKind;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

/**
 * Maps named types to classes by a fixed list. Avro's own model loads any class that a schema
 * names, so that a setting of the whole process must allow each.
 */
final class WalModel extends SpecificData {
  static final WalModel INSTANCE = new WalModel();

  private static final Map<String, Class<?>> CLASSES =
      Map.of(
          WalRecord.getClassSchema().getFullName(), WalRecord.class,
          WalBatch.getClassSchema().getFullName(), WalBatch.class,
          WalBatchEntry.getClassSchema().getFullName(), WalBatchEntry.class,
          WalTombstone.getClassSchema().getFullName(), WalTombstone.class,
          WalProgress.getClassSchema().getFullName(), WalProgress.class,
          WalTimelineId.getClassSchema().getFullName(), WalTimelineId.class,
          WalPageKey.getClassSchema().getFullName(), WalPageKey.class,
          WalValueKind.getClassSchema().getFullName(), WalValueKind.class);

  private WalModel() {}

  /** Returns the class of a named type, null if we have none; for other types as usual. */
  @Override
  @SuppressWarnings({"rawtypes", "NullAway"}) // The overridden signature, which Avro documents so.
  public @Nullable Class getClass(Schema schema) {
    return switch (schema.getType()) {
      case RECORD, FIXED, ENUM -> CLASSES.get(schema.getFullName());
      default -> super.getClass(schema);
    };
  }
}
