package io.walstrata.ingest.avro;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.streams.WalSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes what a decoder gives, as text. */
final class RecordingSink implements WalSink {
  final List<String> operations = new CopyOnWriteArrayList<>();
  final List<byte[]> rawArrays = new ArrayList<>();

  @Override
  public void batch(ValueBatch batch) {
    rawArrays.add(batch.raw());
    for (int i = 0; i < batch.size(); i++) {
      int at = batch.rawOffset() + batch.offset(i);
      version(
          batch.timeline(),
          batch.key(i),
          batch.lsn(i),
          new Value(batch.kind(i), Arrays.copyOfRange(batch.raw(), at, at + batch.length(i))));
    }
  }

  @Override
  public void version(TimelineId timeline, PageKey key, Lsn lsn, Value value) {
    operations.add(
        "version "
            + timeline
            + " "
            + key
            + " "
            + lsn
            + " "
            + value.kind()
            + " "
            + HexFormat.of().formatHex(value.bytes()));
  }

  @Override
  public void tombstone(TimelineId timeline, KeyRange keys, Lsn lsn) {
    operations.add("tombstone " + timeline + " " + keys + " " + lsn);
  }

  @Override
  public void progress(TimelineId timeline, Lsn lsn) {
    operations.add("progress " + timeline + " " + lsn);
  }
}
