package io.walstrata.layerstore.streams;

import io.walstrata.layerstore.FreezePolicy;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.StoreResources;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.streams.internal.RunningStores;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Settings of the store of one topic, and the resources that it shares with others. Immutable;
 * {@code withX} returns a copy.
 *
 * <p>The topic and the homes determine where the layers are: with another value the layers are
 * rebuilt from the topic. Queries name the store, and so does the directory for ephemeral files;
 * the name may change between runs. All the other settings may change too.
 */
public final class StateStoreOptions {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  private final String topic;
  private final LayerHomes homes;
  private final StoreResources resources;
  private final Supplier<? extends WalDecoder> decoder;
  private final String storeName;
  private final FreezePolicy freezePolicy;
  private final OnBadRecord onBadRecord;
  private final LayerStoreOptions engine;
  private final OnDamage onDamage;
  private final Duration claimTimeout;
  private final Duration freezeIdle;

  /** Not a setting: read by {@link HistoryGuard}; copies share it. */
  private final RunningStores running;

  /** Mutable settings that have defaults, from which a copy is made. */
  private static final class Draft {
    String storeName;
    FreezePolicy freezePolicy = FreezePolicy.DEFAULTS;
    OnBadRecord onBadRecord = OnBadRecord.DEAD_LETTER;
    LayerStoreOptions engine = LayerStoreOptions.DEFAULTS;
    OnDamage onDamage = OnDamage.REBUILD;
    Duration claimTimeout = Duration.ofSeconds(30);
    Duration freezeIdle = Duration.ZERO;
    RunningStores running = new RunningStores();

    Draft(String storeName) {
      this.storeName = storeName;
    }
  }

  private StateStoreOptions(
      String topic,
      LayerHomes homes,
      StoreResources resources,
      Supplier<? extends WalDecoder> decoder,
      Draft draft) {
    this.topic = checkName("topic", topic);
    this.homes = Objects.requireNonNull(homes, "homes");
    this.resources = Objects.requireNonNull(resources, "resources");
    this.decoder = Objects.requireNonNull(decoder, "decoder");
    this.storeName = checkName("store", draft.storeName);
    this.freezePolicy = Objects.requireNonNull(draft.freezePolicy, "freezePolicy");
    this.onBadRecord = Objects.requireNonNull(draft.onBadRecord, "onBadRecord");
    this.engine = Objects.requireNonNull(draft.engine, "engine");
    this.onDamage = Objects.requireNonNull(draft.onDamage, "onDamage");
    this.claimTimeout = Objects.requireNonNull(draft.claimTimeout, "claimTimeout");
    if (draft.freezeIdle.isNegative()) {
      throw new IllegalArgumentException(
          "the time without records must be 0 or more: freezeIdle=" + draft.freezeIdle);
    }
    this.freezeIdle = draft.freezeIdle;
    this.running = draft.running;
  }

  private StateStoreOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(storeName);
    draft.freezePolicy = freezePolicy;
    draft.onBadRecord = onBadRecord;
    draft.engine = engine;
    draft.onDamage = onDamage;
    draft.claimTimeout = claimTimeout;
    draft.freezeIdle = freezeIdle;
    draft.running = running;
    change.accept(draft);
    return new StateStoreOptions(topic, homes, resources, decoder, draft);
  }

  /** Returns the name if it can be that of a directory, as both names become. */
  private static String checkName(String what, String name) {
    if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException(
          "not a "
              + what
              + " name, expected 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-': name="
              + name);
    }
    return name;
  }

  /**
   * Returns the settings with defaults: the store is {@code layers-<topic>}, {@link
   * FreezePolicy#DEFAULTS}, {@link OnBadRecord#DEAD_LETTER}, {@link LayerStoreOptions#DEFAULTS},
   * {@link OnDamage#REBUILD}, 30 s for a former owner to release a home, and no freezing of idle
   * partitions.
   *
   * @param topic the write-ahead-log topic
   * @param homes where the layers are; local directories from {@link LayerHomes#directory} are not
   *     inside the state directory of Kafka Streams, which deletes there what it can rebuild, and
   *     each running instance needs its own
   * @param resources what the stores of the process share; the caller closes it after its topology
   * @param decoder makes one decoder for each partition
   */
  public static StateStoreOptions of(
      String topic,
      LayerHomes homes,
      StoreResources resources,
      Supplier<? extends WalDecoder> decoder) {
    return new StateStoreOptions(topic, homes, resources, decoder, new Draft("layers-" + topic));
  }

  public StateStoreOptions withStoreName(String storeName) {
    return with(draft -> draft.storeName = storeName);
  }

  public StateStoreOptions withFreezePolicy(FreezePolicy freezePolicy) {
    return with(draft -> draft.freezePolicy = freezePolicy);
  }

  public StateStoreOptions withOnBadRecord(OnBadRecord onBadRecord) {
    return with(draft -> draft.onBadRecord = onBadRecord);
  }

  /**
   * Returns a copy with settings of the engine, among them the redo that makes pages: {@link
   * LayerStoreOptions#withRedo}.
   */
  public StateStoreOptions withEngine(LayerStoreOptions engine) {
    return with(draft -> draft.engine = engine);
  }

  /** Returns a copy with what {@link HistoryCheck} does about damaged layers. */
  public StateStoreOptions withOnDamage(OnDamage onDamage) {
    return with(draft -> draft.onDamage = onDamage);
  }

  /**
   * Returns a copy with how long the first record of a partition waits for another owner to release
   * the home. An owner that Kafka Streams has revoked the partition from does so within seconds;
   * one that hangs never does.
   */
  public StateStoreOptions withClaimTimeout(Duration claimTimeout) {
    return with(draft -> draft.claimTimeout = claimTimeout);
  }

  /**
   * Returns a copy that freezes open layers when a partition had no record for this long, by the
   * clock; off by default, which {@link Duration#ZERO} stands for. Such a freeze point is not a
   * function of the topic, and is marked in the manifest.
   */
  public StateStoreOptions withFreezeIdle(Duration freezeIdle) {
    return with(draft -> draft.freezeIdle = freezeIdle);
  }

  public String topic() {
    return topic;
  }

  /** Returns where the layers of all topics are. */
  public LayerHomes homes() {
    return homes;
  }

  /** Returns what the stores share; the caller closes it. */
  public StoreResources resources() {
    return resources;
  }

  /** Returns the stores of the topic that are open in this process. */
  RunningStores running() {
    return running;
  }

  /** Returns where the layers of a partition are. */
  public LayerHome home(int partition) {
    return homes.home(topic, partition, claimTimeout);
  }

  public Supplier<? extends WalDecoder> decoder() {
    return decoder;
  }

  public String storeName() {
    return storeName;
  }

  public FreezePolicy freezePolicy() {
    return freezePolicy;
  }

  public OnBadRecord onBadRecord() {
    return onBadRecord;
  }

  public LayerStoreOptions engine() {
    return engine;
  }

  public OnDamage onDamage() {
    return onDamage;
  }

  public Duration claimTimeout() {
    return claimTimeout;
  }

  /** Returns after how long without a record open layers are frozen; zero for never. */
  public Duration freezeIdle() {
    return freezeIdle;
  }
}
