package io.walstrata.ingest.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalBatchEntry;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalTombstone;
import io.walstrata.schemas.WalValueKind;
import io.walstrata.schemas.serde.MalformedMessageException;
import io.walstrata.schemas.serde.RegistryUnavailableException;
import io.walstrata.schemas.serde.SchemaRegistry;
import io.walstrata.schemas.serde.WalDeserializer;
import io.walstrata.schemas.serde.WalSerdeConfig;
import io.walstrata.schemas.serde.WalSerializer;
import io.walstrata.schemas.serde.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AvroWalDecoderTest {
  private static final String TOPIC = "wal";
  private static final String TIMELINE = "000102030405060708090a0b0c0d0e0f";
  private static final Map<String, ?> SETTINGS =
      Map.of(
          WalSerdeConfig.URL,
          "mock://avro-wal-decoder-test",
          WalSerdeConfig.SUBJECT_STRATEGY,
          "TopicRecordNameStrategy");

  private final WalSerializer serializer = new WalSerializer(SETTINGS);
  private final SchemaRegistry registry = SchemaRegistry.open(new WalSerdeConfig(SETTINGS));
  private AvroWalDecoders decoders = AvroWalDecoders.open(SETTINGS, DecodeRules.NONE);
  private WalDecoder decoder = decoders.get();

  @BeforeEach
  void open() {
    decoders = AvroWalDecoders.open(SETTINGS, DecodeRules.NONE);
    decoder = decoders.get();
  }

  @AfterEach
  void close() throws IOException {
    decoders.close();
    serializer.close();
    registry.close();
  }

  @Test
  void decode_record_givesOneVersion() throws Exception {
    assertThat(decoded(record(0x16_B374_D848L, WalValueKind.IMAGE, false)))
        .containsExactly("version " + TIMELINE + " " + hex(7) + " 16/B374D848 IMAGE 01020304");
    assertThat(decoded(record(-2, WalValueKind.WAL_RECORD, false)))
        .containsExactly(
            "version " + TIMELINE + " " + hex(7) + " FFFFFFFF/FFFFFFFE WAL_RECORD 01020304");
    assertThat(decoded(record(1, WalValueKind.WAL_RECORD, true)))
        .containsExactly(
            "version " + TIMELINE + " " + hex(7) + " 0/1 WAL_RECORD_WILL_INIT 01020304");
  }

  @Test
  void decode_batch_givesVersionsThenClaim() throws Exception {
    WalBatch batch = batch(0x30, entry(1, 0x10, 0, 4, 0), entry(2, 0x20, 1, 2, 3));

    assertThat(decoded(batch))
        .containsExactly(
            "version " + TIMELINE + " " + hex(1) + " 0/10 IMAGE 01020304",
            "version " + TIMELINE + " " + hex(2) + " 0/20 WAL_RECORD_WILL_INIT 0203",
            "progress " + TIMELINE + " 0/30");
  }

  @Test
  void decode_batchWithoutClaim_givesVersionsOnly() throws Exception {
    assertThat(decoded(batch(0, entry(1, 0x10, 0, 0, 1)))).hasSize(1);
  }

  @Test
  void decode_emptyBatch_givesItsClaimOnly() throws Exception {
    assertThat(decoded(batch(0x30))).containsExactly("progress " + TIMELINE + " 0/30");
    assertThat(decoded(batch(0))).isEmpty();
  }

  @Test
  void decode_batchAndRecord_leaveValuesInTheMessage() throws Exception {
    for (SpecificRecord message :
        List.of(batch(0, entry(1, 0x10, 0, 4, 0)), record(0x20, WalValueKind.IMAGE, false))) {
      byte[] bytes = serializer.write(TOPIC, message);
      RecordingSink sink = new RecordingSink();

      decoder.decode(raw(bytes), sink);

      assertThat(sink.rawArrays).singleElement().isSameAs(bytes);
    }
  }

  @Test
  void decode_tombstoneAndProgress() throws Exception {
    byte[] end = new byte[18];
    Arrays.fill(end, (byte) -1);
    WalTombstone tombstone = new WalTombstone(timeline(), 0x40L, key(1), new WalPageKey(end));

    assertThat(decoded(tombstone))
        .containsExactly(
            "tombstone "
                + TIMELINE
                + " "
                + new KeyRange(PageKey.parse(hex(1)), PageKey.MAX)
                + " 0/40");
    assertThat(decoded(new WalProgress(timeline(), 0x50L)))
        .containsExactly("progress " + TIMELINE + " 0/50");
  }

  @Test
  void decode_randomBatches_readAlikeInPlaceAndResolved() throws Exception {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      WalBatch batch = randomBatch(random);

      List<String> inPlace = decoded(batch);

      assertThat(decodedBytes(withUnknownField(batch)))
          .as("walstrata.seed=%d, round=%d", seed, round)
          .isEqualTo(inPlace);
      assertThat(inPlace).hasSize(batch.getEntries().size() + (batch.getEndLsn() == 0 ? 0 : 1));
    }
  }

  @Test
  void decode_recordOfNewerSchema_readsAlike() throws Exception {
    WalRecord record = record(0x20, WalValueKind.WAL_RECORD, true);

    assertThat(decodedBytes(withUnknownField(record))).isEqualTo(decoded(record));
  }

  @Test
  void decode_badMessages_areTold() {
    byte[] good = serializer.write(TOPIC, batch(0x30, entry(1, 0x10, 0, 4, 0)));
    byte[] record = serializer.write(TOPIC, record(1, WalValueKind.IMAGE, false));

    assertThat(reason(new byte[0])).isEqualTo(BadRecordReason.UNDECODABLE);
    assertThat(reason("not a message".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(BadRecordReason.UNDECODABLE);
    assertThat(reason(Arrays.copyOf(good, good.length - 1))).isEqualTo(BadRecordReason.UNDECODABLE);
    assertThat(reason(Arrays.copyOf(good, good.length + 1))).isEqualTo(BadRecordReason.UNDECODABLE);
    assertThat(reason(Arrays.copyOf(record, record.length - 1)))
        .isEqualTo(BadRecordReason.UNDECODABLE);
    assertThat(reason(Arrays.copyOf(record, record.length + 1)))
        .isEqualTo(BadRecordReason.UNDECODABLE);
    assertThat(reason((byte @Nullable []) null)).isEqualTo(BadRecordReason.NULL_VALUE);
    assertThat(reason(new byte[] {0, 0x7F, 0, 0, 0, 0})).isEqualTo(BadRecordReason.UNKNOWN_SCHEMA);
    int foreign = registry.register("other", "{\"type\":\"record\",\"name\":\"x\",\"fields\":[]}");
    assertThat(reason(ByteBuffer.allocate(5).put((byte) 0).putInt(foreign).array()))
        .isEqualTo(BadRecordReason.UNEXPECTED_SCHEMA);
    int incompatible =
        registry.register(
            "changed",
            "{\"type\":\"record\",\"name\":\"io.walstrata.schemas.WalProgress\",\"fields\":[]}");
    assertThat(reason(ByteBuffer.allocate(5).put((byte) 0).putInt(incompatible).array()))
        .isEqualTo(BadRecordReason.UNEXPECTED_SCHEMA);
  }

  @Test
  void decode_wrongTimeline_isRefusedInEveryKindOfMessage() throws Exception {
    WalTimelineId nil = new WalTimelineId(new byte[16]);
    WalRecord nilRecord = record(1, WalValueKind.IMAGE, false);
    nilRecord.setTimeline(nil);
    for (SpecificRecord message :
        List.of(
            new WalBatch(nil, 1L, List.of(), ByteBuffer.allocate(0)),
            nilRecord,
            new WalTombstone(nil, 1L, key(1), key(2)),
            new WalProgress(nil, 1L))) {
      assertThat(reason(message)).isEqualTo(BadRecordReason.WRONG_TIMELINE);
      assertThat(reason(withUnknownField(message))).isEqualTo(BadRecordReason.WRONG_TIMELINE);
    }
    SpecificRecord good = record(1, WalValueKind.IMAGE, false);
    try (AvroWalDecoders others = decodersOf("ff".repeat(16));
        AvroWalDecoders ours = decodersOf(TIMELINE)) {
      decoder = others.get();
      assertThat(reason(good)).isEqualTo(BadRecordReason.WRONG_TIMELINE);
      decoder = ours.get();
      assertThat(decoded(good)).hasSize(1);
    }
  }

  private static AvroWalDecoders decodersOf(String timeline) {
    return AvroWalDecoders.open(
        SETTINGS, new DecodeRules(Set.of(TimelineId.parse(timeline)), Duration.ZERO));
  }

  @Test
  void decode_unknownSchema_isWaitedForWhileTheRecordIsYoung() throws Exception {
    byte[] unknown = {0, 0x7F, 0, 0, 0, 0};
    AvroWalDecoders patient =
        AvroWalDecoders.open(SETTINGS, new DecodeRules(Set.of(), Duration.ofHours(1)));
    decoder = patient.get();
    assertThat(reason(unknown)).as("of 1970").isEqualTo(BadRecordReason.UNKNOWN_SCHEMA);

    RawRecord young = raw(unknown, System.currentTimeMillis());
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread waiting =
        new Thread(
            () -> thrown.set(catchThrowable(() -> decoder.decode(young, new RecordingSink()))));
    waiting.start();
    waiting.join(300);
    assertThat(waiting.isAlive()).isTrue();
    patient.close();
    waiting.join(10_000);
    assertThat(thrown.get()).isInstanceOf(RegistryUnavailableException.class);
  }

  /** Whatever the timestamps are: an id is waited for once, and all of them no longer than set. */
  @Test
  void decode_unknownSchemasAheadOfTheClock_areWaitedForOnce() throws Exception {
    Duration wait = Duration.ofMillis(300);
    try (AvroWalDecoders patient =
        AvroWalDecoders.open(SETTINGS, new DecodeRules(Set.of(), wait))) {
      WalDecoder waiting = patient.get();
      long ahead = System.currentTimeMillis() + Duration.ofMinutes(50).toMillis();
      // Each its own wait would be five minutes, which the test is not given.
      for (int id = 0; id < 1000; id++) {
        byte[] unknown = ByteBuffer.allocate(6).put((byte) 0).putInt(0x7F00_0000 + id).array();
        assertThatThrownBy(() -> waiting.decode(raw(unknown, ahead), new RecordingSink()))
            .isInstanceOfSatisfying(
                BadRecordException.class,
                e -> assertThat(e.reason()).isEqualTo(BadRecordReason.UNKNOWN_SCHEMA));
      }
    }
  }

  @Test
  void decode_batchWithABlockThatLiesAboutItsLength_isUndecodable() throws Exception {
    byte[] good = serializer.write(TOPIC, batch(0, entry(1, 0x10, 0, 4, 0)));
    int head = WireFormat.BODY_OFFSET + 16 + 1;
    assertThat(good[head]).as("one entry").isEqualTo((byte) 2);
    for (int length = 20; length <= 24; length++) {
      byte[] message = new byte[good.length + 1];
      System.arraycopy(good, 0, message, 0, head);
      message[head] = 1; // one entry, and the block's length
      message[head + 1] = (byte) (2 * length);
      System.arraycopy(good, head + 1, message, head + 2, good.length - head - 1);
      if (length == 22) {
        assertThat(decodedBytes(message)).hasSize(1);
      } else {
        assertThat(reason(message)).as("%d", length).isEqualTo(BadRecordReason.UNDECODABLE);
      }
    }
  }

  /** The walk in place must refuse exactly what Avro's own reader, well guarded, refuses. */
  @Test
  void decode_garbledMessages_areUndecodableInPlaceAndResolvedAlike() {
    long seed = Long.getLong("walstrata.seed", System.nanoTime());
    Random random = new Random(seed);
    int undecodable = 0;
    int decodable = 0;
    try (WalDeserializer deserializer = new WalDeserializer(SETTINGS)) {
      for (int round = 0; round < 20_000; round++) {
        byte[] message =
            serializer.write(
                TOPIC,
                random.nextBoolean()
                    ? batch(0x30, entry(1, 0x10, 0, 4, 0), entry(2, 0x20, 1, 2, 3))
                    : record(0x20, WalValueKind.WAL_RECORD, false));
        byte[] garbled = garble(random, message);

        boolean resolves =
            !(catchThrowable(() -> deserializer.deserialize(TOPIC, garbled))
                instanceof MalformedMessageException);
        Throwable inPlace = catchThrowable(() -> decoder.decode(raw(garbled), new RecordingSink()));

        String what = "walstrata.seed=" + seed + ", round=" + round;
        if (inPlace != null) {
          assertThat(inPlace)
              .as(what)
              .isInstanceOfAny(BadRecordException.class, IllegalArgumentException.class);
        }
        boolean walked =
            !(inPlace instanceof BadRecordException bad
                && bad.reason() == BadRecordReason.UNDECODABLE);
        // A contradiction may be found before the bytes after it are read.
        if (inPlace == null || !walked || resolves) {
          assertThat(walked).as(what).isEqualTo(resolves);
        }
        undecodable += walked ? 0 : 1;
        decodable += inPlace == null ? 1 : 0;
      }
    }
    assertThat(undecodable).isGreaterThan(1_000);
    assertThat(decodable).isGreaterThan(1_000);
  }

  private static byte[] garble(Random random, byte[] message) {
    int length =
        random.nextInt(4) > 0
            ? message.length
            : WireFormat.BODY_OFFSET + random.nextInt(message.length);
    byte[] garbled = Arrays.copyOf(message, length);
    for (int i = random.nextInt(4); i > 0 && length > WireFormat.BODY_OFFSET; i--) {
      int at = WireFormat.BODY_OFFSET + random.nextInt(length - WireFormat.BODY_OFFSET);
      garbled[at] ^= (byte) (1 << random.nextInt(8));
    }
    return garbled;
  }

  @Test
  void decode_versionsThatCannotBe_areRefused() {
    assertThat(reason(batch(0, entry(1, 0, 0, 4, 0)))).isEqualTo(BadRecordReason.INVALID_LSN);
    assertThat(reason(batch(0, entry(1, -1, 0, 4, 0)))).isEqualTo(BadRecordReason.INVALID_LSN);
    assertThat(reason(record(0, WalValueKind.IMAGE, false))).isEqualTo(BadRecordReason.INVALID_LSN);
    assertThat(reason(record(1, WalValueKind.IMAGE, true))).isEqualTo(BadRecordReason.MALFORMED);
  }

  /** The store takes any IllegalArgumentException for a malformed record. */
  @Test
  void decode_batchThatContradictsItself_isAnIllegalArgument() {
    for (WalBatch batch :
        List.of(
            batch(0, entry(1, 1, 0, 5, 0)),
            batch(0, entry(1, 1, -1, 2, 0)),
            batch(0, entry(1, 1, 0, -1, 0)),
            batch(0, entry(1, 1, 4, 1, 0)),
            batch(0, entry(1, 1, 0, 4, 2)),
            batch(0, entry(1, 1, 0, 4, 4)),
            batch(0, entry(1, 2, 0, 4, 0), entry(1, 1, 0, 4, 0)))) {
      byte[] bytes = serializer.write(TOPIC, batch);

      assertThatThrownBy(() -> decoder.decode(raw(bytes), new RecordingSink()))
          .as("%s", batch)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void decode_keyOutOfRange_isUnrepresentable() {
    byte[] wideTablespace = key(1).bytes().clone();
    wideTablespace[1] = 1;
    WalBatchEntry entry = new WalBatchEntry(new WalPageKey(wideTablespace), 1L, 0, 4, 0);
    byte[] bytes = serializer.write(TOPIC, batch(0, entry));

    assertThatThrownBy(() -> decoder.decode(raw(bytes), new RecordingSink()))
        .isInstanceOf(UnrepresentableKeyException.class);
  }

  @Test
  void decode_lastKey_isReserved() {
    byte[] last = new byte[18];
    Arrays.fill(last, (byte) -1);

    assertThat(reason(batch(0, new WalBatchEntry(new WalPageKey(last), 1L, 0, 4, 0))))
        .isEqualTo(BadRecordReason.UNREPRESENTABLE_KEY);
  }

  private List<String> decoded(SpecificRecord message) throws BadRecordException {
    return decodedBytes(serializer.write(TOPIC, message));
  }

  private List<String> decodedBytes(byte[] message) throws BadRecordException {
    RecordingSink sink = new RecordingSink();
    decoder.decode(raw(message), sink);
    return sink.operations;
  }

  private @Nullable BadRecordReason reason(SpecificRecord message) {
    return reason(serializer.write(TOPIC, message));
  }

  private @Nullable BadRecordReason reason(byte @Nullable [] message) {
    Throwable thrown = catchThrowable(() -> decoder.decode(raw(message), new RecordingSink()));
    return thrown instanceof BadRecordException bad ? bad.reason() : null;
  }

  @SuppressWarnings("NullAway") // The value is nullable, but that is not read from the class file.
  private static RawRecord raw(byte @Nullable [] message) {
    return raw(message, 0);
  }

  @SuppressWarnings("NullAway") // As above.
  private static RawRecord raw(byte @Nullable [] message, long timestampMs) {
    return new RawRecord(TOPIC, 0, 0, timestampMs, new byte[16], message, new RecordHeaders());
  }

  /** Writes a message with a schema that has a field more, which our reader skips. */
  private byte[] withUnknownField(SpecificRecord message) {
    Schema ours = message.getSchema();
    List<Schema.Field> fields = new ArrayList<>();
    ours.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
    fields.add(1, new Schema.Field("note", Schema.create(Schema.Type.STRING), null, ""));
    Schema newer =
        Schema.createRecord(
            ours.getName(), null, ours.getNamespace(), /* isError= */ false, fields);
    int id = registry.register("newer-" + ours.getName(), newer.toString());
    try {
      byte[] current = serializer.write(TOPIC, message);
      GenericRecord generic =
          new GenericDatumReader<GenericRecord>(ours)
              .read(
                  null,
                  DecoderFactory.get()
                      .binaryDecoder(
                          current,
                          WireFormat.BODY_OFFSET,
                          current.length - WireFormat.BODY_OFFSET,
                          null));
      GenericRecord wider = new GenericData.Record(newer);
      ours.getFields().forEach(field -> wider.put(field.name(), generic.get(field.name())));
      wider.put("note", "an unknown field");
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      new GenericDatumWriter<GenericRecord>(newer).write(wider, encoder);
      encoder.flush();
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static WalBatch randomBatch(Random random) {
    byte[] raw = new byte[random.nextInt(200)];
    random.nextBytes(raw);
    long lsn = random.nextLong() >>> (random.nextInt(63) + 1);
    List<WalBatchEntry> entries = new ArrayList<>();
    for (int i = random.nextInt(20); i > 0; i--) {
      lsn += random.nextInt(3) * (1L << random.nextInt(30));
      int offset = random.nextInt(raw.length + 1);
      int[] kinds = {0, 1, 3};
      entries.add(
          entry(
              random.nextInt(),
              Math.max(1, lsn),
              offset,
              random.nextInt(raw.length - offset + 1),
              kinds[random.nextInt(kinds.length)]));
    }
    return new WalBatch(
        timeline(), random.nextBoolean() ? 0 : Math.max(1, lsn), entries, ByteBuffer.wrap(raw));
  }

  private static WalBatch batch(long endLsn, WalBatchEntry... entries) {
    return new WalBatch(
        timeline(), endLsn, List.of(entries), ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
  }

  private static WalBatchEntry entry(int block, long lsn, int offset, int length, int flags) {
    return new WalBatchEntry(key(block), lsn, offset, length, flags);
  }

  private static WalRecord record(long lsn, WalValueKind kind, boolean willInit) {
    return new WalRecord(
        timeline(), lsn, key(7), kind, willInit, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
  }

  private static WalTimelineId timeline() {
    return new WalTimelineId(HexFormat.of().parseHex(TIMELINE));
  }

  private static WalPageKey key(int block) {
    return new WalPageKey(PageKey.of(0, 1663, 5, 16384, 0, block & 0xFFFFFFFFL).toBytes());
  }

  private static String hex(int block) {
    return PageKey.of(0, 1663, 5, 16384, 0, block).toString();
  }
}
