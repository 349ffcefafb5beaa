package io.walstrata.ingest.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.streams.PollLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IngestConfigTest {
  private static Map<String, String> needed() {
    return new HashMap<>(
        Map.of(
            "bootstrap.servers", "127.0.0.1:9092",
            "schema.registry.url", "http://127.0.0.1:8081",
            "wal.topics", "wal",
            "layers.home", "/data/layers"));
  }

  private static IngestConfig with(String name, String value) {
    Map<String, String> settings = needed();
    settings.put(name, value);
    return IngestConfig.of(settings);
  }

  @Test
  void defaults_areSafeOnOneMachine() {
    IngestConfig config = IngestConfig.of(needed());
    assertThat(config.applicationId()).isEqualTo("walstrata");
    assertThat(config.deadLetterTopic()).isEqualTo("walstrata-dead-letters");
    assertThat(config.failsOnBadRecord()).isFalse();
    assertThat(config.httpHost()).isEqualTo("127.0.0.1");
    assertThat(config.layersHome()).isEqualTo(Path.of("/data/layers"));
    assertThat(config.stateDir())
        .isEqualTo(Path.of(System.getProperty("java.io.tmpdir"), "walstrata"));
  }

  @Test
  void deadLetterTopic_isNamedAfterTheJob() {
    assertThat(with("application.id", "jobs").deadLetterTopic()).isEqualTo("jobs-dead-letters");
    assertThat(with("dead.letter.topic", "dlq").deadLetterTopic()).isEqualTo("dlq");
  }

  @Test
  void walTopics_areAList() {
    assertThat(with("wal.topics", "one, two").walTopics()).containsExactly("one", "two");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "freeze.ofsets | 5 | name=freeze.ofsets, did you mean freeze.offsets?",
        "wal.topic | x | name=wal.topic, did you mean wal.topics?",
        "nonsense | x | name=nonsense, known are ",
        "freeze.bytes | many | freeze.bytes",
        "freeze.bytes | -1 | freeze.bytes",
        "frozen.max | 0 | frozen.max",
        "write.buffer.bytes | 4095 | write.buffer.bytes",
        "http.port | 65536 | http.port",
        "on.bad.record | ignore | on.bad.record",
        "wal.topics | a b | wal.topics",
        "wal.topics | '' | wal.topics",
        "wal.topics | a,a | wal.topics",
        "dead.letter.topic | .. | dead.letter.topic",
        "dead.letter.topic | wal | dead.letter.topic",
        "bootstrap.servers | nonsense | bootstrap.servers",
        "layers.home | '' | layers.home",
        "streams.application.id | x | set application.id instead of streams.application.id",
        "streams.num.stream.thread | 2 | did you mean streams.num.stream.threads?",
        "streams.consumer.fetch.max.byte | 2 | did you mean streams.consumer.fetch.max.bytes?",
        "streams.num.stream.threads | two | streams.num.stream.threads",
        "streams.consumer.auto.offset.reset | latest | streams.consumer.auto.offset.reset must be"
            + " earliest",
        "registry.schema.registry.url | http://x | set schema.registry.url instead",
      })
  void of_badSetting_isRefusedByName(String name, String value, String message) {
    assertThatThrownBy(() -> with(name, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void of_allFreezeTriggersOff_isRefused() {
    Map<String, String> settings = needed();
    settings.putAll(Map.of("freeze.offsets", "0", "freeze.bytes", "0", "freeze.age.ms", "0"));
    assertThatThrownBy(() -> IngestConfig.of(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("freeze.offsets", "freeze.bytes", "freeze.age.ms");
  }

  @Test
  void memoryBudget_isAQuarterOfTheHeap_andTheCacheAQuarterOfIt() {
    StoreResources.Bounds bounds = IngestConfig.of(needed()).storeBounds();
    assertThat(bounds.memoryBudgetBytes()).isEqualTo(Runtime.getRuntime().maxMemory() / 4);
    assertThat(bounds.layerCacheBytes()).isEqualTo(bounds.memoryBudgetBytes() / 4);
    assertThat(with("memory.budget.bytes", "8000000").storeBounds().layerCacheBytes())
        .isEqualTo(2_000_000);
    assertThat(with("layer.cache.bytes", "3000000").storeBounds().layerCacheBytes())
        .isEqualTo(3_000_000);
    assertThat(with("layer.cache.bytes", "0").storeBounds().layerCacheBytes()).isZero();
    assertThat(with("memory.budget.bytes", "8000000").storeBounds().memoryBudgetBytes())
        .isEqualTo(8_000_000);
  }

  @Test
  void of_memoryBudgetThatMakesNoSense_isRefused() {
    assertThatThrownBy(() -> with("memory.budget.bytes", "4000000"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("memory.budget.bytes");
    String allOfTheHeap = Long.toString(Runtime.getRuntime().maxMemory());
    assertThatThrownBy(() -> with("memory.budget.bytes", allOfTheHeap))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("memory.budget.bytes")
        .hasMessageContaining("-Xmx");
  }

  @Test
  void pageCache_isAnEighthOfTheBudget_orWhatTheCacheOfLayersLeaves() {
    StoreResources.Bounds bounds = IngestConfig.of(needed()).storeBounds();
    assertThat(bounds.pageCacheBytes()).isEqualTo(bounds.memoryBudgetBytes() / 8);
    assertThat(with("page.cache.bytes", "3000000").storeBounds().pageCacheBytes())
        .isEqualTo(3_000_000);
    assertThat(with("page.cache.bytes", "0").storeBounds().pageCacheBytes()).isZero();
    Map<String, String> settings = needed();
    settings.put("memory.budget.bytes", "8000000");
    settings.put("layer.cache.bytes", "3900000");
    assertThat(IngestConfig.of(settings).storeBounds().pageCacheBytes()).isEqualTo(100_000);
    settings.put("page.cache.bytes", "100001");
    assertThatThrownBy(() -> IngestConfig.of(settings))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("page.cache.bytes", "layerCacheBytes=3900000", "=100001");
    assertThatThrownBy(() -> with("page.cache.bytes", "-1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("page.cache.bytes");
  }

  @Test
  void of_layerCacheThatLeavesNothingForLayersInMemory_isRefused() {
    String mostOfTheBudget = Long.toString(Runtime.getRuntime().maxMemory() / 4 * 3 / 4);
    assertThatThrownBy(() -> with("layer.cache.bytes", mostOfTheBudget))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("layer.cache.bytes")
        .hasMessageContaining("raise memory.budget.bytes");
    assertThatThrownBy(() -> with("layer.cache.bytes", "-1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("layer.cache.bytes");
  }

  @Test
  void readLimits_areSharedByTheConsumersOfAllThreads() {
    Map<String, String> settings = needed();
    settings.put("read.buffer.bytes", "16000000");
    settings.put("record.max.bytes", "3000000");
    settings.put("streams.num.stream.threads", "4");
    PollLimits limits = IngestConfig.of(settings).pollLimits();
    assertThat(limits).isEqualTo(new PollLimits(2_000_000, 3_000_000));
    assertThat(IngestConfig.of(needed()).pollLimits())
        .isEqualTo(PollLimits.ofHeap(Runtime.getRuntime().maxMemory(), 1));
  }

  @Test
  void of_readLimitsThatMakeNoSense_areRefused() {
    String allOfTheHeap = Long.toString(Runtime.getRuntime().maxMemory());
    for (String name : java.util.List.of("read.buffer.bytes", "record.max.bytes")) {
      for (String value : java.util.List.of("1000", allOfTheHeap)) {
        assertThatThrownBy(() -> with(name, value))
            .isInstanceOf(ConfigException.class)
            .hasMessageContaining(name);
      }
    }
  }

  @Test
  void of_missingSettings_areNamedOnce_inOurWords() {
    assertThatThrownBy(() -> IngestConfig.of(Map.of("layers.home", "/x")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("names=bootstrap.servers,schema.registry.url,wal.topics")
        .hasMessageNotContaining("Missing required");
  }

  @Test
  void of_manyFaults_namesEachOfThem() {
    assertThatThrownBy(
            () -> IngestConfig.of(Map.of("wal.topics", "w", "http.port", "x", "fo", "y")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "bootstrap.servers", "schema.registry.url", "layers.home", "http.port", "name=fo");
  }

  @Test
  void streamsSettings_overridesWinOverDefaults() {
    Properties defaults = IngestConfig.of(needed()).streamsSettings();
    assertThat(defaults)
        .containsEntry("consumer.isolation.level", "read_committed")
        .containsEntry("consumer.auto.offset.reset", "earliest")
        .containsEntry("consumer.receive.buffer.bytes", -1)
        .containsEntry(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1L)
        .containsEntry(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, "at_least_once");
    Properties changed = with("streams.processing.guarantee", "exactly_once_v2").streamsSettings();
    assertThat(changed)
        .containsEntry(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, "exactly_once_v2")
        .containsEntry("bootstrap.servers", "127.0.0.1:9092");
  }

  @ParameterizedTest
  @CsvSource({
    "8, 65536, 1048576",
    "64, 262144, 4194304",
    "256, 1048576, 16777216",
    "1024, 4194304, 52428800",
    "2048, 8388608, 52428800",
    "65536, 8388608, 52428800"
  })
  void fetchBytes_areAShareOfTheHeap(long heapMib, int ofAPartition, int ofAll) {
    assertThat(StreamsSettings.partitionFetchBytes(heapMib << 20)).isEqualTo(ofAPartition);
    assertThat(StreamsSettings.fetchBytes(heapMib << 20, 1)).isEqualTo(ofAll);
    assertThat(StreamsSettings.fetchBytes(heapMib << 20, 1_000_000)).isEqualTo(1 << 20);
  }

  @Test
  void streamsSettings_ofFetches_canBeChanged() {
    assertThat(with("streams.consumer.max.partition.fetch.bytes", "12345").streamsSettings())
        .containsEntry("consumer.max.partition.fetch.bytes", "12345");
  }

  @Test
  void streamsSettings_unknownNames_arePassedOn() {
    assertThat(with("streams.my.interceptor.option", " 7 ").streamsSettings())
        .containsEntry("my.interceptor.option", "7");
  }

  @Test
  void registrySettings_haveTheUrl() {
    assertThat(with("registry.basic.auth.user.info", "u:p").registrySettings())
        .containsEntry("basic.auth.user.info", "u:p")
        .containsEntry("schema.registry.url", "http://127.0.0.1:8081");
  }

  @Test
  void load_readsUtf8Properties(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("a.properties");
    Files.writeString(file, "# comment\nlayers.home = /däta\nwal.topics=a,\\\n  b\n");
    assertThat(SettingsFile.read(file))
        .isEqualTo(Map.of("layers.home", "/däta", "wal.topics", "a,b"));
  }

  @Test
  void load_missingFile_isRefusedByName(@TempDir Path directory) {
    assertThatThrownBy(() -> SettingsFile.read(directory.resolve("none")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(directory.resolve("none").toString());
  }
}
