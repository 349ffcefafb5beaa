package io.walstrata.ingest.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What can be wrong with {@code docker-compose.yml} without starting it; ComposeIT starts it. */
class ComposeFileTest {
  private static final Path ROOT = Path.of("..");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ComposeFile compose = ComposeFile.read(ROOT.resolve("docker-compose.yml"));
  private final Dockerfile image = Dockerfile.read(Path.of("Dockerfile"));

  ComposeFileTest() throws IOException {}

  private static JsonSchema schema() throws IOException {
    try (InputStream in = ComposeFileTest.class.getResourceAsStream("/compose/compose-spec.json")) {
      ObjectNode schema = (ObjectNode) JSON.readTree(Objects.requireNonNull(in));
      schema.remove("$id"); // not an absolute one, which the validator insists on
      return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema);
    }
  }

  @Test
  void itIsAComposeFile() throws IOException {
    assertThat(schema().validate(JSON.valueToTree(compose.root()))).isEmpty();
  }

  @Test
  void schema_wouldNoticeAMistake() throws IOException {
    Map<String, Object> broken = new TreeMap<>(compose.root());
    broken.put("services", Map.of("x", Map.of("image", "x", "helthcheck", Map.of())));
    assertThat(schema().validate(JSON.valueToTree(broken))).isNotEmpty();
  }

  @Test
  void servicesWaitForWhatIsThere_andCanTell() {
    compose
        .services()
        .keySet()
        .forEach(
            name ->
                ComposeFile.map(compose.service(name).get("depends_on"))
                    .forEach((other, how) -> assertCanTell(name, other, ComposeFile.map(how))));
  }

  private void assertCanTell(String name, String other, Map<String, Object> how) {
    assertThat(compose.services()).as(name).containsKey(other);
    Map<String, Object> service = compose.service(other);
    if (Objects.equals(how.get("condition"), "service_healthy")) {
      assertThat(service).as("%s, for %s", other, name).containsKey("healthcheck");
    } else {
      assertThat(how.get("condition")).as(name).isEqualTo("service_completed_successfully");
      assertThat(service.get("restart")).as(other).isEqualTo("on-failure");
    }
  }

  @Test
  void imagesOfOthers_arePinnedToAMinorVersion() {
    compose
        .services()
        .keySet()
        .forEach(
            name ->
                assertThat(Objects.toString(compose.service(name).get("image")))
                    .as(name)
                    .matches("walstrata:local|[\\w./-]+:\\d+\\.\\d+(\\.\\d+)*"));
  }

  @Test
  void volumesAreDeclared_andMountedFilesAreThere() {
    Map<String, Object> declared = ComposeFile.map(compose.root().get("volumes"));
    for (String name : compose.services().keySet()) {
      for (String source : compose.volumes(name).keySet()) {
        if (source.startsWith(".")) {
          assertThat(ROOT.resolve(source)).isRegularFile();
        } else {
          assertThat(declared).as(name).containsKey(source);
        }
      }
    }
  }

  /** The arguments of a process are for all users of the machine to see. */
  @Test
  void passwordsAreInNoCommand_andTheProducerIsNoSuperuser() {
    for (String name : compose.services().keySet()) {
      assertThat(String.join(" ", compose.command(name))).as(name).doesNotContain("password");
    }
    assertThat(compose.command("producer")).contains("--user=walstrata", "--create-slot");
    assertThat(compose.environment("producer").get("PGPASSWORD"))
        .isEqualTo(compose.environment("postgres").get("REPLICATION_PASSWORD"))
        .isNotEqualTo(compose.environment("postgres").get("POSTGRES_PASSWORD"));
  }

  @Test
  void everyJvmHasAHeap_andTheContainerRoomForIt() {
    for (String name : List.of("job-1", "job-2", "producer")) {
      assertThat(compose.environment(name).get("JAVA_OPTS")).contains("-XX:MaxRAMPercentage=");
      assertThat(compose.service(name)).as(name).containsKey("mem_limit");
    }
    assertThat(compose.environment("kafka").get("KAFKA_HEAP_OPTS")).startsWith("-Xmx");
    assertThat(compose.environment("registry").get("SCHEMA_REGISTRY_HEAP_OPTS")).startsWith("-Xmx");
  }

  @Test
  void jobsKeepWhatTheImageDeclares_eachItsOwn() {
    String declared = image.last("VOLUME").arguments();
    Map<String, String> first = compose.volumes("job-1");
    Map<String, String> second = compose.volumes("job-2");
    assertThat(first.values()).containsExactlyElementsOf(second.values()).hasSize(2);
    assertThat(first.keySet()).doesNotContainAnyElementsOf(second.keySet());
    for (String place : first.values()) {
      assertThat(declared).contains("\"" + place + "\"");
      assertThat(image.only("RUN", "groupadd")).contains(place);
      assertThat(compose.command("job-1")).anyMatch(word -> word.endsWith("=" + place));
    }
    assertThat(compose.command("job-1"))
        .contains("--http.port=" + image.last("EXPOSE").arguments());
  }

  @Test
  void shellTextsParse() throws Exception {
    List<String> texts = new java.util.ArrayList<>();
    for (String name : compose.services().keySet()) {
      List<String> test =
          ComposeFile.strings(
              ComposeFile.map(compose.service(name).get("healthcheck")).get("test"));
      for (List<String> words : List.of(test, compose.command(name))) {
        int shell = Math.max(words.indexOf("CMD-SHELL"), words.indexOf("-c"));
        if (shell >= 0 && !words.contains("postgres")) {
          texts.add(words.get(shell + 1));
        }
      }
    }
    assertThat(texts).hasSizeGreaterThan(3);
    image.all("RUN").forEach(run -> texts.add(run.arguments()));
    texts.add(Files.readString(Path.of("docker/replication-role.sh")));
    texts.add(Files.readString(Path.of("docker/healthcheck")));
    for (String text : texts) {
      Process bash = new ProcessBuilder("bash", "-n", "-c", text).inheritIO().start();
      assertThat(bash.waitFor()).as(text).isZero();
    }
  }
}
