package io.walstrata.ingest.avro;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueBatch;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.layerstore.streams.WalSink;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalTombstone;
import io.walstrata.schemas.WalValueKind;
import io.walstrata.schemas.serde.AvroInput;
import io.walstrata.schemas.serde.BadMessageException;
import io.walstrata.schemas.serde.ForeignSchemaException;
import io.walstrata.schemas.serde.IncompatibleSchemaException;
import io.walstrata.schemas.serde.UnknownSchemaIdException;
import io.walstrata.schemas.serde.WireFormat;
import io.walstrata.schemas.serde.WriterSchema;
import io.walstrata.schemas.serde.WriterSchemas;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** Reads the messages of {@code io.walstrata.schemas}; made by {@link AvroWalDecoders}. */
final class AvroWalDecoder implements WalDecoder {
  /*
   * Nearly every message is of the schema that this version has. Such a batch or record is walked
   * in its own bytes: the index goes to a ValueBatch that is used again, the values stay where they
   * are, and nothing is allocated per version that outlives a loop. The index comes before the
   * values in the message, and a batch wants to know the values first, so the index is walked
   * twice: once to skip it, once to read it. Each entry takes bytes of the message, so no
   * steps need be counted.
   *
   * Messages of other versions go through Avro's schema resolution, and so do tombstones and
   * progress marks, which are few.
   */

  /** The least a batch's entry takes: key, and one byte for LSN, offset, length and flags. */
  private static final int MIN_ENTRY_BYTES = PageKey.BYTES + 4;

  /** The symbols in the order of the schema, by which messages number them. */
  private static final List<WalValueKind> KINDS =
      List.of(WalValueKind.IMAGE, WalValueKind.WAL_RECORD);

  private final WriterSchemas schemas;
  private final DecodeRules rules;
  private final Clock clock;
  private final AvroInput in = new AvroInput();
  private final ValueBatch batch = new ValueBatch();

  /**
   * @param clock for the age of a message with an unknown schema
   */
  AvroWalDecoder(WriterSchemas schemas, DecodeRules rules, Clock clock) {
    this.schemas = schemas;
    this.rules = rules;
    this.clock = clock;
  }

  @Override
  public void decode(RawRecord record, WalSink sink) throws BadRecordException {
    byte[] message = record.value();
    if (message == null) {
      throw new BadRecordException(BadRecordReason.NULL_VALUE, "the record has no value");
    }
    try {
      decode(schemaOf(record, message), message, sink);
    } catch (BadMessageException e) {
      throw new BadRecordException(reason(e), String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * An unknown id may be one that has not arrived at the registry's node yet, which is a matter of
   * seconds: a message that is older than that is not waited for, so a backlog of garbage costs no
   * time. A timestamp after the clock's counts as now: producers' clocks differ. What fresh garbage
   * costs is bounded by the schemas, whatever its timestamps are: each id is waited for once, and
   * all together for a share of the time.
   */
  private WriterSchema schemaOf(RawRecord record, byte[] message) {
    WriterSchema known = schemas.known(message);
    if (known != null) {
      return known; // nearly always; no clock is asked for it
    }
    long ageMs = Math.max(0, clock.millis() - record.timestampMs());
    return schemas.of(message, rules.unknownSchemaWait().minusMillis(ageMs));
  }

  private static BadRecordReason reason(BadMessageException e) {
    if (e instanceof UnknownSchemaIdException) {
      return BadRecordReason.UNKNOWN_SCHEMA;
    }
    return e instanceof ForeignSchemaException || e instanceof IncompatibleSchemaException
        ? BadRecordReason.UNEXPECTED_SCHEMA
        : BadRecordReason.UNDECODABLE;
  }

  private void decode(WriterSchema schema, byte[] message, WalSink sink) throws BadRecordException {
    int length = message.length - WireFormat.BODY_OFFSET;
    if (schema.isCurrent()) {
      in.reset(message, WireFormat.BODY_OFFSET, length);
      switch (schema.type()) {
        case BATCH -> {
          batchInPlace(message, sink);
          return;
        }
        case RECORD -> {
          recordInPlace(message, sink);
          return;
        }
        case TOMBSTONE, PROGRESS -> {}
      }
    }
    SpecificRecord resolved = schema.read(message, WireFormat.BODY_OFFSET, length);
    switch (schema.type()) {
      case BATCH -> batch((WalBatch) resolved, sink);
      case RECORD -> record((WalRecord) resolved, sink);
      case TOMBSTONE -> tombstone((WalTombstone) resolved, sink);
      case PROGRESS -> progress((WalProgress) resolved, sink);
    }
  }

  // WalBatch: timeline fixed(16), endLsn long, entries array, raw bytes.
  private void batchInPlace(byte[] message, WalSink sink) throws BadRecordException {
    TimelineId timeline = rules.check(timeline(message, in.skip(TimelineId.BYTES)));
    Lsn endLsn = Lsn.of(in.readLong());
    int entries = in.position();
    skipEntries();
    int rawLength = in.readLength();
    int raw = in.skip(rawLength);
    in.requireEnd();
    batch.reset(timeline, message, raw, rawLength);
    in.seek(entries);
    readEntries(message);
    emit(endLsn, sink);
  }

  // WalBatchEntry: key fixed(18), lsn long, offset int, length int, flags int.
  private void skipEntries() {
    for (int n = in.readBlock(MIN_ENTRY_BYTES); n > 0; n = in.readBlock(MIN_ENTRY_BYTES)) {
      int end = in.blockEnd();
      for (int i = 0; i < n; i++) {
        in.skip(PageKey.BYTES);
        in.readLong();
        in.readInt();
        in.readInt();
        in.readInt();
      }
      in.requireBlockEnd(end);
    }
  }

  private void readEntries(byte[] message) throws BadRecordException {
    for (int n = in.readBlock(MIN_ENTRY_BYTES); n > 0; n = in.readBlock(MIN_ENTRY_BYTES)) {
      for (int i = 0; i < n; i++) {
        PageKey key = PageKey.read(message, in.skip(PageKey.BYTES));
        Lsn lsn = Lsn.of(in.readLong());
        int offset = in.readInt();
        int length = in.readInt();
        add(key, lsn, offset, length, ValueKind.of(in.readInt()));
      }
    }
  }

  // WalRecord: timeline fixed(16), lsn long, key fixed(18), kind enum, willInit boolean, value.
  private void recordInPlace(byte[] message, WalSink sink) throws BadRecordException {
    TimelineId timeline = rules.check(timeline(message, in.skip(TimelineId.BYTES)));
    Lsn lsn = Lsn.of(in.readLong());
    int key = in.skip(PageKey.BYTES);
    WalValueKind kind = KINDS.get(in.readIndex(KINDS.size()));
    boolean willInit = in.readBoolean();
    int length = in.readLength();
    int value = in.skip(length);
    in.requireEnd();
    batch.reset(timeline, message, value, length);
    add(PageKey.read(message, key), lsn, 0, length, kind(kind, willInit));
    emit(Lsn.INVALID, sink);
  }

  private void batch(WalBatch message, WalSink sink) throws BadRecordException {
    reset(timeline(message.getTimeline()), message.getRaw());
    for (WalBatchEntry entry : message.getEntries()) {
      add(
          PageKey.read(entry.getKey().bytes(), 0),
          Lsn.of(entry.getLsn()),
          entry.getOffset(),
          entry.getLength(),
          ValueKind.of(entry.getFlags()));
    }
    emit(Lsn.of(message.getEndLsn()), sink);
  }

  private void record(WalRecord message, WalSink sink) throws BadRecordException {
    reset(timeline(message.getTimeline()), message.getValue());
    add(
        PageKey.read(message.getKey().bytes(), 0),
        Lsn.of(message.getLsn()),
        0,
        batch.rawLength(),
        kind(message.getKind(), message.getWillInit()));
    emit(Lsn.INVALID, sink);
  }

  private void tombstone(WalTombstone message, WalSink sink) throws BadRecordException {
    PageKey start = PageKey.read(message.getStartKey().bytes(), 0);
    PageKey end = PageKey.read(message.getEndKey().bytes(), 0);
    sink.tombstone(
        timeline(message.getTimeline()), new KeyRange(start, end), Lsn.of(message.getLsn()));
  }

  private void progress(WalProgress message, WalSink sink) throws BadRecordException {
    sink.progress(timeline(message.getTimeline()), Lsn.of(message.getLsn()));
  }

  private void reset(TimelineId timeline, ByteBuffer raw) {
    batch.reset(timeline, raw.array(), raw.arrayOffset() + raw.position(), raw.remaining());
  }

  private void add(PageKey key, Lsn lsn, int offset, int length, ValueKind kind)
      throws BadRecordException {
    if (!lsn.isValid()) {
      throw new BadRecordException(
          BadRecordReason.INVALID_LSN,
          "a version cannot have this LSN: entry=" + batch.size() + ", lsn=" + lsn);
    }
    if (key.equals(PageKey.MAX)) {
      throw new BadRecordException(
          BadRecordReason.UNREPRESENTABLE_KEY, "the last key is reserved: entry=" + batch.size());
    }
    batch.add(key, lsn, offset, length, kind);
  }

  /** Passes the versions to the sink, then the LSN up to which the producer has sent all. */
  private void emit(Lsn endLsn, WalSink sink) throws BadRecordException {
    if (batch.size() > 0) {
      sink.batch(batch);
    }
    if (!endLsn.equals(Lsn.INVALID)) {
      sink.progress(batch.timeline(), endLsn);
    }
  }

  private static ValueKind kind(WalValueKind kind, boolean willInit) throws BadRecordException {
    if (kind == WalValueKind.WAL_RECORD) {
      return willInit ? ValueKind.WAL_RECORD_WILL_INIT : ValueKind.WAL_RECORD;
    }
    if (willInit) {
      throw new BadRecordException(
          BadRecordReason.MALFORMED, "willInit is set on an image, only a WAL record can have it");
    }
    return ValueKind.IMAGE;
  }

  private TimelineId timeline(WalTimelineId id) throws BadRecordException {
    return rules.check(TimelineId.of(id.bytes()));
  }

  private static TimelineId timeline(byte[] message, int at) {
    ByteBuffer bytes = ByteBuffer.wrap(message, at, TimelineId.BYTES);
    return new TimelineId(bytes.getLong(), bytes.getLong());
  }
}
