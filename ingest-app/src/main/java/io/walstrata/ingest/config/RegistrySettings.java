package io.walstrata.ingest.config;

import io.walstrata.schemas.serde.WalSerdeConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;

/** Checks the settings that are passed on to the schema registry's client. */
final class RegistrySettings {
  private RegistrySettings() {}

  /** Returns what is wrong with these settings, each with its full name; empty if nothing is. */
  static List<String> faults(Map<String, String> settings) {
    List<String> faults = new ArrayList<>();
    Set<String> known = WalSerdeConfig.configDef().names();
    for (String name : settings.keySet()) {
      String full = IngestSettings.REGISTRY_PREFIX + name;
      if (name.equals(IngestSettings.SCHEMA_REGISTRY_URL)) {
        faults.add("set " + IngestSettings.SCHEMA_REGISTRY_URL + " instead of " + full);
      } else {
        ClientSettings.fault(full, name, known).ifPresent(faults::add);
      }
    }
    try {
      Map<String, String> all = new java.util.HashMap<>(settings);
      all.put(IngestSettings.SCHEMA_REGISTRY_URL, "mock://check");
      new WalSerdeConfig(all);
    } catch (ConfigException e) {
      faults.add(IngestSettings.REGISTRY_PREFIX + "*: " + e.getMessage());
    }
    return faults;
  }
}
