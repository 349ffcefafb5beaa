package io.walstrata.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random writers' schemas and random messages of them: {@code -Dwalstrata.fuzz.seconds=N} sets for
 * how long, and {@code -Dwalstrata.seed=N} replays one case.
 *
 * <p>Demanded, of every schema: resolving it allocates no more than its length explains. Of every
 * message: it is read, or a {@link BadMessageException}; reading takes no more steps and no more
 * memory than its length explains. Of whole messages: they are read, and are what Avro's own schema
 * resolution makes of them.
 */
class WriterSchemaFuzzTest {
  private static final int SECONDS = Integer.getInteger("walstrata.fuzz.seconds", 3);
  private static final Duration STUCK = Duration.ofSeconds(60);
  private static final int MESSAGES = 20;
  private static final int FIXED_SEEDS = 100;
  private static final int MEASURED = 3;
  private static final int MAX_SCHEMAS_TO_LOOK_AT = 10_000;

  /** An entry of 22 bytes becomes an object of five fields, one of them an object, with arrays. */
  private static final long MAX_ALLOCATED_PER_BYTE = 40;

  private static final long MAX_ALLOCATED = 256 << 10;

  /** A field of 25 characters becomes a JSON tree and half a dozen objects. */
  private static final long MAX_ALLOCATED_PER_CHAR = 2_000;

  private static final long MAX_ALLOCATED_BY_A_SCHEMA = 2 << 20;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  // Written by the fuzzing thread.
  private volatile long seed;
  private volatile long cases;
  private volatile @Nullable Throwable failure;
  private long whole;
  private long unresolvable;
  private long bad;
  private double mostPerByte;
  private double mostPerChar;

  @Test
  void messages_ofAnySchema_costNoMoreThanTheirLength() throws Exception {
    Thread fuzzer = new Thread(this::run, "fuzzer");
    fuzzer.setDaemon(true);
    fuzzer.start();
    long seen = -1;
    while (fuzzer.isAlive()) {
      fuzzer.join(STUCK.toMillis());
      if (fuzzer.isAlive() && cases == seen) {
        AssertionError stuck = new AssertionError("does not end, " + replay());
        stuck.setStackTrace(fuzzer.getStackTrace());
        throw stuck;
      }
      seen = cases;
    }
    if (failure != null) {
      throw new AssertionError(replay() + ": " + failure.getMessage(), failure);
    }
    System.out.printf(
        "%d schemas, %d whole messages, %d of them with a symbol that we lack, %d bad ones;"
            + " at most %.1f bytes allocated for a byte beyond %d, %.0f for a character%n",
        cases, whole, unresolvable, bad, mostPerByte, MAX_ALLOCATED, mostPerChar);
    if (Long.getLong("walstrata.seed") == null) {
      assertThat(whole).isGreaterThan(100);
      assertThat(unresolvable).isPositive();
      assertThat(bad).isGreaterThan(100);
    }
  }

  private String replay() {
    return "replay with -Dwalstrata.seed=" + seed;
  }

  private void run() {
    Long asked = Long.getLong("walstrata.seed");
    try {
      warmUp();
      if (asked != null) {
        seed = asked;
        fuzz(new Random(seed));
        cases++;
        return;
      }
      Random seeds = new Random();
      long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
      for (long fixed = 0; !isEnough(fixed) || System.nanoTime() < end; fixed++) {
        seed = fixed < FIXED_SEEDS ? fixed : seeds.nextLong() >>> 1;
        fuzz(new Random(seed));
        cases++;
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  /** The rarest kind of message must have come, however slow the machine is. */
  private boolean isEnough(long schemas) {
    return schemas >= FIXED_SEEDS && (unresolvable > 0 || schemas >= MAX_SCHEMAS_TO_LOOK_AT);
  }

  /** Loads classes, which would count as memory. */
  private static void warmUp() throws IOException {
    for (SpecificRecord message : Messages.ALL) {
      byte[] bytes = encoded(message);
      WriterSchema schema = WriterSchema.of(registered(message.getSchema().toString()));
      assertThat(schema.read(bytes, 0, bytes.length)).isEqualTo(message);
    }
  }

  private static RegisteredSchema registered(String text) {
    return new RegisteredSchema(7, "AVRO", text, List.of());
  }

  private void fuzz(Random random) throws IOException {
    WalMessageType type = WalMessageType.values()[random.nextInt(4)];
    boolean isHostile = random.nextBoolean();
    String text = new FuzzSchema(random, isHostile).of(type);
    WriterSchema schema = WriterSchema.of(registered(text));
    long most = MAX_ALLOCATED_BY_A_SCHEMA + MAX_ALLOCATED_PER_CHAR * text.length();
    long allocated = allocatedBy(() -> WriterSchema.of(registered(text)), most);
    assertThat(allocated).as("to resolve %s", text).isLessThan(most);
    mostPerChar = Math.max(mostPerChar, (double) allocated / text.length());
    assertThat(schema.type()).isEqualTo(type);
    Schema writer = new Schema.Parser().parse(text);
    FuzzMessage messages = new FuzzMessage(random);
    for (int i = 0; i < MESSAGES; i++) {
      byte[] message = wholeOrEmpty(messages, writer, schema, type, isHostile);
      readHostile(schema, messages.hostile(message));
    }
  }

  private byte[] wholeOrEmpty(
      FuzzMessage messages,
      Schema writer,
      WriterSchema schema,
      WalMessageType type,
      boolean isHostile)
      throws IOException {
    byte[] message;
    try {
      message = messages.whole(writer);
    } catch (FuzzMessage.TooManyValuesException e) {
      return new byte[0];
    }
    SpecificRecord read = read(schema, message);
    whole++;
    // Avro itself prepares for a schema at a cost that nothing bounds.
    if (!isHostile) {
      byte[] expected = resolvedByAvro(writer, type.schema(), message);
      if (expected == null) {
        unresolvable++;
        assertThat(read).isNull();
      } else {
        assertThat(read).isNotNull();
        assertThat(encoded(read)).isEqualTo(expected);
      }
    }
    return message;
  }

  /** Returns the message in our own schema's bytes; null if it does not resolve to ours. */
  private static byte @Nullable [] resolvedByAvro(Schema writer, Schema ours, byte[] message)
      throws IOException {
    GenericRecord record;
    try {
      record =
          new GenericDatumReader<GenericRecord>(writer, ours)
              .read(null, DecoderFactory.get().binaryDecoder(message, null));
    } catch (org.apache.avro.AvroTypeException e) {
      return null;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(ours).write(record, encoder);
    return out.toByteArray();
  }

  private static byte[] encoded(SpecificRecord record) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new SpecificDatumWriter<SpecificRecord>(record.getSchema(), WalModel.INSTANCE)
        .write(record, encoder);
    return out.toByteArray();
  }

  private void readHostile(WriterSchema schema, byte[] message) {
    try {
      read(schema, message);
    } catch (MalformedMessageException e) {
      bad++;
    }
  }

  /** Reads a message within its bounds; null if it has a value that our schema lacks. */
  private @Nullable SpecificRecord read(WriterSchema schema, byte[] message) {
    AvroInput in = new AvroInput();
    long most = MAX_ALLOCATED + MAX_ALLOCATED_PER_BYTE * message.length;
    long allocated = allocatedBy(() -> readWithin(schema, in, message), most);
    mostPerByte = Math.max(mostPerByte, (double) (allocated - MAX_ALLOCATED) / message.length);
    assertThat(allocated)
        .as("for %s", Arrays.toString(Arrays.copyOf(message, Math.min(50, message.length))))
        .isLessThan(most);
    assertThat(in.steps())
        .isLessThanOrEqualTo(
            1 + (long) AvroInput.STEPS_PER_BYTE * message.length + AvroInput.STEPS_PER_MESSAGE);
    in.reset(message, 0, message.length);
    return readAccepted(schema, in);
  }

  private static void readWithin(WriterSchema schema, AvroInput in, byte[] message) {
    in.reset(message, 0, message.length);
    try {
      readAccepted(schema, in);
    } catch (MalformedMessageException e) {
      // Its cost is what is measured.
    }
  }

  private static @Nullable SpecificRecord readAccepted(WriterSchema schema, AvroInput in) {
    try {
      return schema.read(in);
    } catch (IncompatibleSchemaException e) {
      assertThat(e).hasMessageContaining("NEW_KIND");
      return null;
    }
  }

  /**
   * Returns how many bytes {@code work} allocates, by the JVM's count. The first run of some code
   * also allocates what the JVM needs to link it (call sites, exceptions' classes); only what is
   * allocated every time is a cost of the input. So more than {@code most} is measured again.
   */
  private long allocatedBy(Runnable work, long most) {
    long least = Long.MAX_VALUE;
    for (int run = 0; run < MEASURED && least >= most; run++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      work.run();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
