package io.walstrata.ingest.start;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.config.IngestSettings;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import io.walstrata.layerstore.streams.HistoryCheck;
import io.walstrata.layerstore.streams.HistoryGapException;
import io.walstrata.layerstore.streams.StateStoreOptions;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the topics, and the layers against them, in a thread of its own before the job ingests.
 * For one thread; closed when the start is over.
 */
public final class StartChecks implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(StartChecks.class);

  /** About what 1 MiB of values of 100 bytes takes, with the buffer. */
  private static final long MIN_MEMORY_OF_A_PARTITION = 2 << 20;

  /** Claims the layers' home, if it has to be claimed as a whole. */
  public interface Claim {
    void claim() throws StartupException, IOException;
  }

  private final IngestConfig config;
  private final Claim claim;
  private final List<StateStoreOptions> stores;
  private final BooleanSupplier isStopped;
  private final Supplier<Admin> admins;
  private final StartTask<Map<String, Integer>> task;
  private @Nullable Admin admin; // guarded by this
  private boolean isClosed; // guarded by this

  private StartChecks(
      IngestConfig config,
      Supplier<Admin> admins,
      Claim claim,
      List<StateStoreOptions> stores,
      BooleanSupplier isStopped) {
    this.config = config;
    this.admins = admins;
    this.claim = claim;
    this.stores = stores;
    this.isStopped = isStopped;
    this.task = StartTask.begin("start-checks", this::check);
  }

  /**
   * Begins to check.
   *
   * @param admins makes the admin client, which is closed with this, unless it is taken
   * @param claim done first
   * @param isStopped ends the waiting
   */
  public static StartChecks begin(
      IngestConfig config,
      Supplier<Admin> admins,
      Claim claim,
      List<StateStoreOptions> stores,
      BooleanSupplier isStopped) {
    return new StartChecks(config, admins, claim, stores, isStopped);
  }

  private Map<String, Integer> check() throws StartupException, InterruptedException {
    long started = System.nanoTime();
    Admin asked = openAdmin();
    try {
      claim.claim();
      TopicCheck topics = new TopicCheck(config, asked, isStopped);
      Map<String, Integer> partitions = topics.run();
      new HistoryCheck(asked, stores).run();
      // Last, since it is the one change elsewhere: a start that is refused has made no topic.
      topics.prepareDeadLetters();
      checkMemory(partitions.values().stream().mapToInt(Integer::intValue).sum());
      LOG.info(
          "topics and layers checked: partitions={}, ms={}",
          partitions,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
      return partitions;
    } catch (HistoryGapException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    } catch (UnsupportedFormatException e) {
      throw new StartupException(
          "layers are of another release, nothing was changed: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new StartupException(
          "cannot use the layers' home: layers.home=" + config.layersHome() + ", error=" + e, e);
    } catch (KafkaException e) {
      throw new StartupException("cannot read the topics' offsets: error=" + e, e);
    }
  }

  /** Warns if all partitions of the topics would have next to no memory each. */
  private void checkMemory(int partitions) {
    long budget = config.memoryBudgetBytes();
    if (partitions * MIN_MEMORY_OF_A_PARTITION > budget) {
      LOG.warn(
          "memory is short if all partitions are here, layers will be frozen early and be"
              + " small: {}={}, partitions={}, bytesEach={}",
          IngestSettings.MEMORY_BUDGET_BYTES,
          budget,
          partitions,
          budget / partitions);
    }
  }

  private Admin openAdmin() throws StartupException {
    Admin made = admins.get();
    synchronized (this) {
      if (!isClosed) {
        admin = made;
        return made;
      }
    }
    made.close(Duration.ZERO);
    throw new StartupException("stopped while starting");
  }

  /**
   * Waits until all is checked.
   *
   * @return how many partitions each WAL topic has
   * @throws StartupException if the job cannot start as things are
   */
  public Map<String, Integer> await() throws StartupException, IOException, InterruptedException {
    return task.await();
  }

  /** Returns the admin client, for the caller to close; once, after {@link #await}. */
  public synchronized Admin takeAdmin() {
    Admin taken = admin;
    if (taken == null) {
      throw new IllegalStateException("the admin client was taken or closed");
    }
    admin = null;
    return taken;
  }

  /** Interrupts the checks if they have not ended. */
  @Override
  public void close() {
    task.close();
    Admin open;
    synchronized (this) {
      isClosed = true;
      open = admin;
    }
    if (open != null) {
      open.close(Duration.ofSeconds(1));
    }
  }
}
