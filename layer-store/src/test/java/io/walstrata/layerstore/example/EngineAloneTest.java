package io.walstrata.layerstore.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.LayerWriter;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine as a library of its own: no Kafka and no RocksDB on the class path. */
class EngineAloneTest {
  private static final List<String> LEFT_OUT = List.of("kafka-", "connect-", "rocksdbjni-");

  @TempDir Path directory;

  @Test
  void engine_runsWithoutKafkaOnTheClassPath() throws Exception {
    try (URLClassLoader loader = withoutKafka()) {
      assertThatThrownBy(() -> loader.loadClass("org.apache.kafka.streams.KafkaStreams"))
          .isInstanceOf(ClassNotFoundException.class);
      Callable<?> use =
          (Callable<?>)
              loader
                  .loadClass(PutsAndReads.class.getName())
                  .getConstructor(Path.class)
                  .newInstance(directory);
      assertThat(use.call()).isEqualTo("page");
    }
  }

  private static URLClassLoader withoutKafka() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String each : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      String name = String.valueOf(Path.of(each).getFileName());
      if (LEFT_OUT.stream().noneMatch(name::startsWith)) {
        urls.add(Path.of(each).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  /** Puts a page, freezes, opens the files again and reads it. */
  public static final class PutsAndReads implements Callable<String> {
    private final Path directory;

    public PutsAndReads(Path directory) {
      this.directory = directory;
    }

    @Override
    public String call() throws Exception {
      TimelineId timeline = TimelineId.parse("000102030405060708090a0b0c0d0e0f");
      PageKey page = PageKey.parse("1663.5.16384.0.0");
      LayerHome home = LayerHomes.partition(directory.resolve("layers"));
      try (LayerStore store = open(home);
          LayerWriter writer = store.claim()) {
        byte[] bytes = "page".getBytes(StandardCharsets.UTF_8);
        writer.put(7, timeline, page, Lsn.of(1), Value.image(bytes));
        writer.freeze(7);
        writer.awaitFlushed();
      }
      try (LayerStore store = open(home)) {
        Version base = store.get(timeline, page, Lsn.of(1)).base();
        return base == null ? "none" : new String(base.value().bytes(), StandardCharsets.UTF_8);
      }
    }

    private LayerStore open(LayerHome home) throws IOException {
      return LayerStore.open(home, directory.resolve("values"), LayerStoreOptions.DEFAULTS);
    }
  }
}
