package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import io.walstrata.schemas.WalProgress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.errors.InterruptException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What writers' schemas beyond ours can make a message cost: never more than its length. */
@Timeout(60)
class WriterSchemaBoundsTest {
  private static final String TIMELINE =
      "{\"name\":\"timeline\",\"type\":{\"type\":\"fixed\",\"name\":\"WalTimelineId\",\"size\":16}}";
  private static final String LSN = "{\"name\":\"lsn\",\"type\":\"long\"}";
  private static final String EMPTY = "{\"type\":\"record\",\"name\":\"Empty\",\"fields\":[]}";

  /** A progress mark with a field more, of this type. */
  private static String withField(String type) {
    return progress(TIMELINE, "{\"name\":\"more\",\"type\":" + type + "}", LSN);
  }

  private static String progress(String... fields) {
    return "{\"type\":\"record\",\"name\":\"WalProgress\",\"namespace\":\"io.walstrata.schemas\","
        + "\"fields\":["
        + String.join(",", fields)
        + "]}";
  }

  private static RegisteredSchema registered(String text) {
    return new RegisteredSchema(7, "AVRO", text, List.of());
  }

  private static WriterSchema of(String text) {
    return WriterSchema.of(registered(text));
  }

  private interface Content {
    void writeTo(BinaryEncoder encoder) throws IOException;
  }

  private static byte[] message(Content more) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    try {
      encoder.writeFixed(Messages.timeline().bytes());
      more.writeTo(encoder);
      encoder.writeLong(42);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /** Reads a message, and asserts that it took no more steps than its length allows. */
  private static Object read(WriterSchema schema, byte[] message) {
    AvroInput in = new AvroInput();
    in.reset(message, 0, message.length);
    try {
      return schema.read(in);
    } finally {
      assertThat(in.steps())
          .isLessThanOrEqualTo(
              1 + (long) AvroInput.STEPS_PER_BYTE * message.length + AvroInput.STEPS_PER_MESSAGE);
    }
  }

  private static String arrays(int depth, String item) {
    return "{\"type\":\"array\",\"items\":".repeat(depth) + item + "}".repeat(depth);
  }

  /** Each array claims as many items as there are bytes left: a power of the length. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"record\",\"name\":\"Empty\",\"fields\":[]}",
        "\"null\"",
        "{\"type\":\"fixed\",\"name\":\"Nothing\",\"size\":0}",
        "{\"type\":\"record\",\"name\":\"Two\",\"fields\":[{\"name\":\"a\",\"type\":\"null\"},"
            + "{\"name\":\"b\",\"type\":{\"type\":\"fixed\",\"name\":\"Nothing\",\"size\":0}}]}"
      })
  void read_arraysOfNothing_areMalformedAfterABoundedNumberOfSteps(String nothing) {
    for (int depth = 1; depth <= 5; depth++) {
      WriterSchema schema = of(withField(arrays(depth, nothing)));
      byte[] message = message(out -> writeClaims(out, 400_000));

      assertThatThrownBy(() -> read(schema, message))
          .as("depth %d", depth)
          .isInstanceOf(MalformedMessageException.class);
    }
  }

  /** Blocks one after the other, each of which claims what is left. */
  private static void writeClaims(BinaryEncoder out, int bytes) throws IOException {
    for (int left = bytes; left > 0; left -= 3) {
      out.writeLong(left / 2);
    }
  }

  @Test
  void read_nestedArraysOfNothing_sayWhatIsWrong() {
    WriterSchema schema = of(withField(arrays(2, EMPTY)));
    byte[] message =
        message(
            out -> {
              out.writeLong(100_000);
              for (int i = 0; i < 100_000; i++) {
                out.writeLong(50_000);
                out.writeLong(0);
              }
              out.writeLong(0);
            });

    assertThatThrownBy(() -> read(schema, message))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("more values than the message's length explains");
  }

  @Test
  void read_fewItemsOfNothing_areRead() {
    WriterSchema schema = of(withField(arrays(2, EMPTY)));
    byte[] message =
        message(
            out -> {
              out.writeLong(2);
              out.writeLong(3);
              out.writeLong(0);
              out.writeLong(1);
              out.writeLong(0);
              out.writeLong(0);
            });

    assertThat(read(schema, message)).isEqualTo(new WalProgress(Messages.timeline(), 42L));
  }

  /** The last thing in a message may be more items than there are bytes left. */
  @Test
  void read_itemsOfNothingAtTheEnd_areRead() {
    WriterSchema schema =
        of(progress(TIMELINE, LSN, "{\"name\":\"more\",\"type\":" + arrays(1, EMPTY) + "}"));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Messages.timeline().bytes());
    out.write(84);
    FuzzMessage.writeLong(1000, out);
    out.write(0);

    assertThat(read(schema, out.toByteArray()))
        .isEqualTo(new WalProgress(Messages.timeline(), 42L));
  }

  /** A record of two records of two records: a value of no bytes, and of 2^n values. */
  @Test
  void read_recordsThatDouble_areMalformed_andNothingIsPreparedForThem() {
    StringBuilder type = new StringBuilder("{\"type\":\"record\",\"name\":\"R0\",\"fields\":[]}");
    for (int i = 1; i <= 60; i++) {
      type.insert(
              0,
              "{\"type\":\"record\",\"name\":\"R" + i + "\",\"fields\":[{\"name\":\"a\",\"type\":")
          .append("},{\"name\":\"b\",\"type\":\"R" + (i - 1) + "\"}]}");
    }
    WriterSchema[] schema = new WriterSchema[1];
    assertThat(allocatedBy(() -> schema[0] = of(withField(type.toString())))).isLessThan(16 << 20);

    byte[] message = message(out -> {});
    assertThatThrownBy(() -> read(schema[0], message))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("more values than");
  }

  /** Avro skips such a block by its length: it must be that of the items. */
  @Test
  void read_blockThatLiesAboutItsLength_isMalformed() {
    WriterSchema schema = of(withField(arrays(1, "\"long\"")));
    for (int wrong : List.of(0, 1, 3, 4)) {
      byte[] message =
          message(
              out -> {
                out.writeLong(-2);
                out.writeLong(wrong);
                out.writeLong(1);
                out.writeLong(2);
                out.writeLong(0);
              });
      assertThatThrownBy(() -> read(schema, message))
          .as("length %d", wrong)
          .isInstanceOf(MalformedMessageException.class);
    }
    byte[] honest =
        message(
            out -> {
              out.writeLong(-2);
              out.writeLong(2);
              out.writeLong(1);
              out.writeLong(2);
              out.writeLong(0);
            });
    assertThat(read(schema, honest)).isEqualTo(new WalProgress(Messages.timeline(), 42L));
  }

  /** Values without number, where only a reader that trusts the wrong length would read them. */
  @Test
  void read_bombAfterAWrongLength_allocatesNothing() {
    WriterSchema schema =
        of(progress("{\"name\":\"more\",\"type\":" + arrays(1, "\"bytes\"") + "}", TIMELINE, LSN));
    byte[] bomb = new byte[100];
    Arrays.fill(bomb, (byte) 0x7F);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {1, 0, 20}); // one item, of no bytes; no, of ten bytes
    out.writeBytes(Arrays.copyOf(bomb, 10));
    out.write(0);
    out.writeBytes(Messages.timeline().bytes());
    out.write(2);

    assertThat(
            allocatedBy(
                () ->
                    assertThatThrownBy(() -> read(schema, out.toByteArray()))
                        .isInstanceOf(MalformedMessageException.class)))
        .isLessThan(4 << 20);
  }

  @Test
  void of_schemaThatIsTooLong_isForeign() {
    String doc = "\"doc\":\"" + "x".repeat(WriterSchema.MAX_CHARS) + "\",\"fields\"";

    assertThatThrownBy(() -> of(progress(TIMELINE, LSN).replace("\"fields\"", doc)))
        .isInstanceOf(ForeignSchemaException.class)
        .hasMessageContaining("schema too long: schemaId=7")
        .hasMessageContaining("most=131072");
    RegisteredSchema referring =
        new RegisteredSchema(
            7,
            "AVRO",
            progress(TIMELINE, LSN),
            List.of("\"int\"" + " ".repeat(WriterSchema.MAX_CHARS)));
    assertThatThrownBy(() -> WriterSchema.of(referring)).isInstanceOf(ForeignSchemaException.class);
  }

  @Test
  void read_schemaOfThousandsOfFields_isRead() {
    String[] fields =
        IntStream.range(0, 3000)
            .mapToObj(i -> "{\"name\":\"f" + i + "\",\"type\":\"null\"}")
            .toArray(String[]::new);
    List<String> all = new ArrayList<>(Arrays.asList(fields));
    all.add(TIMELINE);
    all.add(LSN);
    WriterSchema schema = of(progress(all.toArray(String[]::new)));

    assertThat(read(schema, message(out -> {})))
        .isEqualTo(new WalProgress(Messages.timeline(), 42L));
  }

  /** What parsing takes grows with the third power of how many there are. */
  @Test
  void of_schemaThatRefersToTooManyOthers_isForeign() {
    List<String> references = new ArrayList<>();
    for (int i = 0; i <= WriterSchema.MAX_REFERENCES; i++) {
      references.add("{\"type\":\"record\",\"name\":\"R" + i + "\",\"fields\":[]}");
    }
    String text = withField(EMPTY);
    assertThat(catchThrowable(() -> WriterSchema.of(registered(text, references))))
        .isInstanceOf(ForeignSchemaException.class)
        .hasMessageContaining("references=101, most=100");
    WriterSchema most = WriterSchema.of(registered(text, references.subList(1, 101)));
    assertThat(most.type()).isEqualTo(WalMessageType.PROGRESS);
  }

  private static RegisteredSchema registered(String text, List<String> references) {
    return new RegisteredSchema(7, "AVRO", text, references);
  }

  /** Types that are deep by their names, in a text that is not. */
  @Test
  void of_deepSchema_isResolvedOrForeign() {
    List<String> references = new ArrayList<>();
    StringBuilder fields = new StringBuilder();
    for (int i = 0; i < 900; i++) {
      String inner = i == 0 ? "" : "{\"name\":\"f\",\"type\":\"D" + (i - 1) + "\"}";
      fields.append(i == 0 ? "" : ",").append("{\"name\":\"x").append(i);
      fields.append("\",\"type\":{\"type\":\"record\",\"name\":\"D").append(i);
      fields.append("\",\"fields\":[").append(inner).append("]}}");
    }
    references.add(
        "{\"type\":\"record\",\"name\":\"io.walstrata.schemas.All\",\"fields\":[" + fields + "]}");
    RegisteredSchema deep = registered(withField("\"D899\""), references);
    Throwable thrown = catchThrowable(() -> read(WriterSchema.of(deep), message(out -> {})));

    assertThat(thrown).isInstanceOf(BadMessageException.class);
    assertThat(catchThrowable(() -> of(withField(arrays(4000, EMPTY)))))
        .isInstanceOf(ForeignSchemaException.class);
  }

  /** What goes into a dead letter's header must not be as long as the schema. */
  @Test
  void of_schemaThatDoesNotResolve_isNotQuotedWhole() {
    String symbols =
        IntStream.range(0, 5000).mapToObj(i -> "\"S" + i + "\"").collect(Collectors.joining(","));
    String lsn =
        "{\"name\":\"lsn\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":["
            + symbols
            + "]}}";

    assertThatThrownBy(() -> of(progress(TIMELINE, lsn)))
        .isInstanceOf(IncompatibleSchemaException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1100));
  }

  @Test
  void read_closedMeanwhile_givesUp() {
    AtomicInteger checks = new AtomicInteger();
    WriterSchema schema =
        WriterSchema.of(
            registered(withField(arrays(1, "\"int\""))), () -> checks.incrementAndGet() == 3);
    byte[] message = longMessage();

    assertThatThrownBy(() -> schema.read(message, 0, message.length))
        .isInstanceOf(ReadingStoppedException.class)
        .hasMessageContaining("bytes=" + message.length);
    assertThat(checks).hasValue(3);
    assertThat(schema.read(message, 0, message.length)).isInstanceOf(WalProgress.class);
  }

  @Test
  void read_interrupted_givesUp_andKeepsTheStatus() {
    WriterSchema schema = of(withField(arrays(1, "\"int\"")));
    byte[] message = longMessage();
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> schema.read(message, 0, message.length))
          .isInstanceOf(InterruptException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private static byte[] longMessage() {
    return message(
        out -> {
          out.writeLong(100_000);
          for (int i = 0; i < 100_000; i++) {
            out.writeInt(1);
          }
          out.writeLong(0);
        });
  }

  private static long allocatedBy(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
