package io.walstrata.layerstore.streams.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.streams.LayerStores;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.streams.Topology;
import org.junit.jupiter.api.Test;

class KafkaVersionTest {
  /** Kafka Streams and clients 4.2, put there by the build. */
  private static final Path OLD_KAFKA = Path.of("target/kafka-4.2.0");

  @Test
  void thisKafka_isNewEnough() {
    KafkaVersion.check();
  }

  /** The whole class path of this test, with the Kafka of its jars changed for an older one. */
  @Test
  void kafkaStreams42_isRefusedWithBothVersions_whenTheStoreIsMade() throws Exception {
    try (URLClassLoader loader = withOldKafka()) {
      for (Class<?> user : List.of(AddsAStore.class, BuildsAStore.class)) {
        Callable<?> made =
            (Callable<?>) loader.loadClass(user.getName()).getDeclaredConstructor().newInstance();
        assertThatIllegalStateException()
            .isThrownBy(made::call)
            .withMessageContaining("need kafka-streams 4.3 or newer")
            .withMessageContaining("found=4.2.0");
      }
    }
  }

  @Test
  void unknownVersion_isRefusedToo() {
    assertThatIllegalStateException()
        .isThrownBy(() -> KafkaVersion.check(Comparable.class))
        .withMessageContaining("found=unknown");
  }

  private static URLClassLoader withOldKafka() throws IOException {
    List<URL> urls = new ArrayList<>();
    for (String each : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!String.valueOf(Path.of(each).getFileName()).startsWith("kafka-")) {
        urls.add(Path.of(each).toUri().toURL());
      }
    }
    try (Stream<Path> jars = Files.list(OLD_KAFKA)) {
      for (Path jar : jars.toList()) {
        urls.add(jar.toUri().toURL());
      }
    }
    assertThat(urls).anyMatch(url -> url.toString().contains("kafka-streams-4.2"));
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static StateStoreOptions options() {
    return StateStoreOptions.of(
        "wal", LayerHomes.directory(Path.of("unused")), StoreResources.create(), TextWal::new);
  }

  /** As a user does. */
  public static final class AddsAStore implements Callable<Object> {
    @Override
    public Object call() {
      return LayerStores.addTo(new Topology(), options(), "dead-letters");
    }
  }

  /** As a user with a topology of their own does. */
  public static final class BuildsAStore implements Callable<Object> {
    @Override
    public Object call() {
      return LayerStores.storeBuilder(options());
    }
  }
}
