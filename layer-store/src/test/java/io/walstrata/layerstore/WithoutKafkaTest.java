package io.walstrata.layerstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Compression;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.testkit.MemoryHome;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine needs neither Kafka nor what Kafka Streams brings. */
class WithoutKafkaTest {
  private static final Pattern KAFKA = Pattern.compile("(kafka|connect|rocksdb).*\\.jar");

  @TempDir Path directory;

  /** The class path of this test without those jars. */
  private static URL[] classPath() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String each : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!KAFKA.matcher(String.valueOf(Path.of(each).getFileName())).matches()) {
        urls.add(Path.of(each).toUri().toURL());
      }
    }
    return urls.toArray(URL[]::new);
  }

  @Test
  void engine_runsWithoutKafkaOnTheClassPath() throws Exception {
    try (URLClassLoader loader =
        new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
      for (String absent :
          List.of("org.apache.kafka.common.TopicPartition", "org.rocksdb.RocksDB")) {
        assertThat(Class.forName(absent)).isNotNull();
        assertThatThrownBy(() -> loader.loadClass(absent))
            .isInstanceOf(ClassNotFoundException.class);
      }
      Callable<?> run =
          (Callable<?>)
              loader
                  .loadClass(PutsAndGets.class.getName())
                  .getDeclaredConstructor(Path.class)
                  .newInstance(directory);
      assertThat(run.getClass().getClassLoader()).isSameAs(loader);
      assertThat(run.call()).isEqualTo("of a file");
    }
  }

  /** As a user of the engine does. */
  public static final class PutsAndGets implements Callable<String> {
    private final Path directory;

    public PutsAndGets(Path directory) {
      this.directory = directory;
    }

    @Override
    public String call() throws Exception {
      MemoryHome home = new MemoryHome();
      TimelineId timeline = new TimelineId(1, 2);
      PageKey key = PageKey.of(0, 1663, 5, 16384, 0, 7);
      LayerStoreOptions options = LayerStoreOptions.DEFAULTS.withCompression(Compression.ZSTD);
      try (LayerStore store = LayerStore.open(home, directory, options)) {
        LayerWriter writer = store.claim();
        writer.put(0, timeline, key, Lsn.of(10), Value.image("of a file".getBytes("UTF-8")));
        writer.freeze(0);
        writer.awaitFlushed();
      }
      try (LayerStore store = LayerStore.open(home, directory, options)) {
        return new String(store.get(timeline, key, Lsn.of(10)).base().value().bytes(), "UTF-8");
      }
    }
  }
}
