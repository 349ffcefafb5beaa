package io.walstrata.ingest.config;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings that are passed on to the clients of Kafka and of the schema registry: which of them a
 * client gets, and what is wrong with their names.
 */
public final class ClientSettings {
  private static final Logger LOG = LoggerFactory.getLogger(ClientSettings.class);

  /** How many wrong letters are taken for a typing error rather than for another name. */
  private static final int TYPING_ERROR = 2;

  private ClientSettings() {}

  /** Returns the names of all settings of Kafka's consumers, producers and admin clients. */
  static Set<String> namesOfKafka() {
    Set<String> names = new HashSet<>(ConsumerConfig.configNames());
    names.addAll(ProducerConfig.configNames());
    names.addAll(AdminClientConfig.configNames());
    return names;
  }

  /**
   * Returns the settings that a client knows.
   *
   * @param names of the client's settings
   */
  public static Map<String, Object> known(Map<String, String> settings, Set<String> names) {
    Map<String, Object> known = new HashMap<>(settings);
    known.keySet().retainAll(names);
    return known;
  }

  /**
   * Returns the settings that a client knows: those without a prefix, which are for all clients,
   * and over them those with the client's own, without it.
   *
   * @param prefix such as {@code consumer.}
   * @param names of the client's settings
   */
  public static Map<String, Object> known(
      Map<String, String> settings, String prefix, Set<String> names) {
    Map<String, Object> known = known(settings, names);
    settings.forEach(
        (name, value) -> {
          if (name.startsWith(prefix) && names.contains(name.substring(prefix.length()))) {
            known.put(name.substring(prefix.length()), value);
          }
        });
    return known;
  }

  /**
   * Returns what is wrong with a name, if it is nearly a known one. Of any other unknown name only
   * a warning is logged: interceptors and login modules may read it.
   *
   * @param full the name with all prefixes
   * @param bare the name as the client knows it
   */
  static Optional<String> fault(String full, String bare, Set<String> known) {
    if (known.contains(bare)) {
      return Optional.empty();
    }
    Optional<String> near = near(full, bare, known);
    if (near.isEmpty()) {
      LOG.warn("not a known setting, passed on as it is: name={}", full);
    }
    return near.map(name -> "unknown setting: name=" + full + ", did you mean " + name + "?");
  }

  /**
   * Returns a known name that differs from an unknown one by no more than a typing error, with the
   * same prefixes; empty if there is none.
   *
   * @param full the name with all prefixes
   * @param bare the name as the client knows it
   */
  public static Optional<String> near(String full, String bare, Set<String> known) {
    String prefixes = full.substring(0, full.length() - bare.length());
    return known.stream()
        .filter(name -> NearestName.distance(name, bare) <= TYPING_ERROR)
        .min(Comparator.comparingInt(name -> NearestName.distance(name, bare)))
        .map(name -> prefixes + name);
  }
}
