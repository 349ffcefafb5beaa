package io.walstrata.ingest.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.walstrata.harness.servers.RegistryServer;
import io.walstrata.harness.servers.SharedServers;
import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.schemas.WalBatch;
import io.walstrata.schemas.WalProgress;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.serde.RegistryUnavailableException;
import io.walstrata.schemas.serde.SchemaRefusedException;
import io.walstrata.schemas.serde.WalDeserializer;
import io.walstrata.schemas.serde.WalMessageType;
import io.walstrata.schemas.serde.WalSchemas;
import io.walstrata.schemas.serde.WalSerdeConfig;
import io.walstrata.schemas.serde.WalSerializer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The serde and the decoder against a real registry that speaks Confluent's API. */
@Timeout(120)
class SchemaRegistryIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path GOLDEN = Path.of("../schemas/src/test/resources/golden");
  private static final WalTimelineId TIMELINE =
      new WalTimelineId("0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII));

  private static RegistryServer registry;

  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void startAgain() {
    registry = SharedServers.registry();
  }

  private static Map<String, Object> settings(Object... keysAndValues) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(WalSerdeConfig.URL, registry.url());
    settings.put(WalSerdeConfig.MAX_BLOCK_MS, 0);
    settings.put(WalSerdeConfig.BACKOFF_MS, 20);
    settings.put(WalSerdeConfig.BACKOFF_MAX_MS, 200);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return settings;
  }

  private JsonNode send(String method, String path, String schema) throws Exception {
    String body = JSON.writeValueAsString(Map.of("schema", schema));
    return sendBody(method, path, body);
  }

  private JsonNode sendBody(String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(registry.url() + path))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as("%s %s: %s", method, path, response.body()).isEqualTo(200);
    return JSON.readTree(response.body());
  }

  private boolean isCompatible(String subject, String schema) throws Exception {
    return send("POST", "/compatibility/subjects/" + subject + "/versions/latest", schema)
        .get("is_compatible")
        .asBoolean();
  }

  @Test
  void registry_findsCurrentSchemasFullyCompatibleWithEveryGoldenOne() throws Exception {
    int compared = 0;
    for (String version : List.of("v1", "older")) {
      for (WalMessageType type : WalMessageType.values()) {
        Path golden = GOLDEN.resolve(version).resolve(type.schema().getName() + ".avsc");
        if (version.equals("older") && Files.notExists(golden)) {
          continue; // has no field that an older version could lack
        }
        String subject = version + "-" + type.recordName();
        send("POST", "/subjects/" + subject + "/versions", Files.readString(golden));
        sendBody("PUT", "/config/" + subject, "{\"compatibility\":\"FULL\"}");

        assertThat(isCompatible(subject, WalSchemas.text(type.recordName())))
            .as("%s", golden)
            .isTrue();
        String spoiled = WalSchemas.text(type.recordName()).replace("\"timeline\"", "\"renamed\"");
        assertThat(isCompatible(subject, spoiled)).as("%s renamed", golden).isFalse();
        compared++;
      }
    }
    assertThat(compared).isEqualTo(6);
  }

  @Test
  void serializer_registersUnderTopicAndRecord_andOthersReadIt() throws Exception {
    WalProgress progress = new WalProgress(TIMELINE, 5L);
    try (WalSerializer serializer = new WalSerializer(settings());
        WalDeserializer deserializer = new WalDeserializer(settings())) {
      byte[] bytes = serializer.write("round-trip", progress);

      assertThat(deserializer.deserialize("round-trip", bytes)).isEqualTo(progress);
    }
    HttpRequest subjects = HttpRequest.newBuilder(URI.create(registry.url() + "/subjects")).build();
    assertThat(http.send(subjects, HttpResponse.BodyHandlers.ofString()).body())
        .contains("\"round-trip-io.walstrata.schemas.WalProgress\"");
  }

  @Test
  void serializer_schemaThatTheSubjectCannotTake_isRefused() throws Exception {
    String subject = "taken-io.walstrata.schemas.WalProgress";
    send(
        "POST",
        "/subjects/" + subject + "/versions",
        "{\"type\":\"record\",\"name\":\"io.walstrata.schemas.WalProgress\",\"fields\":"
            + "[{\"name\":\"other\",\"type\":\"int\"}]}");
    sendBody("PUT", "/config/" + subject, "{\"compatibility\":\"FULL\"}");
    try (WalSerializer serializer = new WalSerializer(settings())) {
      assertThatThrownBy(() -> serializer.write("taken", new WalProgress(TIMELINE, 5L)))
          .isInstanceOf(SchemaRefusedException.class)
          .hasMessageContaining("status=409");
    }
  }

  @Test
  void decoder_unknownSchemaId_isABadRecord() throws IOException {
    byte[] message = ByteBuffer.allocate(6).put((byte) 0).putInt(1_000_000).array();
    try (AvroWalDecoders decoders = AvroWalDecoders.open(settings(), DecodeRules.NONE)) {
      Throwable thrown =
          catchThrowable(() -> decoders.get().decode(raw(message), new RecordingSink()));

      assertThat(thrown).isInstanceOf(BadRecordException.class);
      assertThat(((BadRecordException) thrown).reason()).isEqualTo(BadRecordReason.UNKNOWN_SCHEMA);
    }
  }

  @Test
  void decoder_wrongPathOnTheRegistry_isNotABadRecord() throws Exception {
    byte[] message = ByteBuffer.allocate(6).put((byte) 0).putInt(1).array();
    AvroWalDecoders decoders =
        AvroWalDecoders.open(
            settings(WalSerdeConfig.URL, registry.url() + "/elsewhere"), DecodeRules.NONE);
    Decoding decoding = new Decoding(decoders, List.of(message));
    try {
      await().until(() -> decoders.outage().isPresent());
      assertThat(decoders.outage().orElseThrow().lastError())
          .contains("status=404")
          .contains("check schema.registry.url");
    } finally {
      decoders.close();
    }
    assertThat(decoding.failure()).isInstanceOf(RegistryUnavailableException.class);
  }

  @Test
  void decoder_registryStopped_usesWhatItKnowsThenWaitsThenResumes() throws Exception {
    byte[] known;
    byte[] notYetKnown;
    try (WalSerializer serializer = new WalSerializer(settings())) {
      known = serializer.write("stopped", new WalProgress(TIMELINE, 5L));
      notYetKnown =
          serializer.write(
              "stopped", new WalBatch(TIMELINE, 7L, List.of(), ByteBuffer.allocate(0)));
    }
    try (AvroWalDecoders decoders = AvroWalDecoders.open(settings(), DecodeRules.NONE)) {
      new Decoding(decoders, List.of(known)).result();
      registry.stop();

      Decoding decoding = new Decoding(decoders, List.of(known, notYetKnown, known));

      await().until(() -> decoders.outage().map(outage -> outage.attempts() > 3).orElse(false));
      assertThat(decoding.sink.operations).as("the known one passed").hasSize(1);
      assertThat(decoding.isDone()).isFalse();
      registry.start();
      assertThat(decoding.result()).hasSize(3).element(1).asString().endsWith("0/7");
      assertThat(decoders.outage()).isEmpty();
    }
  }

  @Test
  void serializer_registryStopped_waitsAsLongAsItIsTold() throws Exception {
    WalProgress progress = new WalProgress(TIMELINE, 5L);
    registry.stop();
    try (WalSerializer hasty = new WalSerializer(settings(WalSerdeConfig.MAX_BLOCK_MS, 300));
        WalSerializer patient = new WalSerializer(settings(WalSerdeConfig.MAX_BLOCK_MS, 100_000))) {
      assertThatThrownBy(() -> hasty.write("waits", progress))
          .isInstanceOf(RegistryUnavailableException.class)
          .hasMessageContaining(registry.url());

      AtomicReference<byte[]> written = new AtomicReference<>();
      Thread writer = new Thread(() -> written.set(patient.write("waits", progress)));
      writer.start();
      registry.start();
      writer.join(Duration.ofSeconds(60).toMillis());

      assertThat(written.get()).isNotNull();
      assertThat(hasty.write("waits", progress)).isEqualTo(written.get());
    }
  }

  private static RawRecord raw(byte[] message) {
    return new RawRecord("wal", 0, 0, 0, new byte[16], message, new RecordHeaders());
  }

  /** Messages being decoded by a thread of their own, as a stream thread would. */
  private static final class Decoding {
    final RecordingSink sink = new RecordingSink();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final Thread thread;

    Decoding(AvroWalDecoders decoders, List<byte[]> messages) {
      thread =
          new Thread(
              () -> {
                try (WalDecoder decoder = decoders.get()) {
                  for (byte[] message : messages) {
                    decoder.decode(raw(message), sink);
                  }
                } catch (Exception e) {
                  failures.add(e);
                }
              });
      thread.start();
    }

    boolean isDone() {
      return !thread.isAlive();
    }

    List<String> result() throws InterruptedException {
      thread.join(Duration.ofSeconds(60).toMillis());
      assertThat(isDone()).isTrue();
      assertThat(failures).isEmpty();
      return sink.operations;
    }

    Throwable failure() throws InterruptedException {
      thread.join(Duration.ofSeconds(60).toMillis());
      assertThat(failures).hasSize(1);
      return failures.get(0);
    }
  }
}
