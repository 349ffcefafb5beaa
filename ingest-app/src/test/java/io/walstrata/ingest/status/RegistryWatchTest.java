package io.walstrata.ingest.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.schemas.serde.SchemaRegistry;
import io.walstrata.schemas.serde.WalSerdeConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RegistryWatchTest {
  private static SchemaRegistry registry(String url) {
    return SchemaRegistry.open(new WalSerdeConfig(Map.of("schema.registry.url", url)));
  }

  @Test
  void registryThatSaysThatItHasNoSuchSchema_isReached() throws Exception {
    String url = "mock://registry-watch";
    try (SchemaRegistry registry = registry(url)) {
      RegistryWatch watch = new RegistryWatch(registry, url);
      watch.check();
      assertThat(watch.trouble()).isEmpty();
    }
  }

  @Test
  void addressWithoutARegistry_isNamedWithTheSetting() throws Exception {
    String url;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      url = "http://127.0.0.1:" + socket.getLocalPort();
    }
    try (SchemaRegistry registry = registry(url)) {
      RegistryWatch watch = new RegistryWatch(registry, url);
      assertThat(watch.trouble()).as("not asked yet").isEmpty();
      watch.check();
      assertThat(watch.trouble().orElseThrow()).contains("schema.registry.url=" + url);
    }
  }
}
