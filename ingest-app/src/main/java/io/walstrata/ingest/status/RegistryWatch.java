package io.walstrata.ingest.status;

import io.walstrata.schemas.serde.BadMessageException;
import io.walstrata.schemas.serde.RegistryUnavailableException;
import io.walstrata.schemas.serde.SchemaRegistry;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks whether the schema registry has ever answered this process. Decoders ask it when a record
 * needs it, which may be long after the start, or never if the topic is empty. One thread calls
 * {@link #check}; any may ask.
 */
public final class RegistryWatch {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryWatch.class);

  /** Any serves: that no such schema exists is an answer. */
  private static final int SCHEMA_ID = 1;

  private final SchemaRegistry registry;
  private final String url;
  private volatile boolean isReached;
  private volatile @Nullable String trouble;

  /**
   * @param registry stays the caller's to close
   * @param url for messages
   */
  public RegistryWatch(SchemaRegistry registry, String url) {
    this.registry = registry;
    this.url = url;
  }

  /** Asks once, unless it has answered before; may take as long as the client's timeouts. */
  public void check() {
    if (isReached) {
      return;
    }
    try {
      registry.byId(SCHEMA_ID);
      reached();
    } catch (RegistryUnavailableException e) {
      String now =
          "no schema registry has answered since the start, set schema.registry.url to one that"
              + " runs: schema.registry.url="
              + url
              + ", error="
              + e.getMessage();
      if (trouble == null) {
        LOG.warn("{}", now);
      }
      trouble = now;
    } catch (BadMessageException e) {
      reached();
    } catch (RuntimeException e) {
      LOG.debug("cannot ask the schema registry", e);
    }
  }

  private void reached() {
    isReached = true;
    if (trouble != null) {
      LOG.info("the schema registry answers: schema.registry.url={}", url);
      trouble = null;
    }
  }

  /** Returns what is wrong; empty if the registry has answered, or was not asked yet. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }
}
