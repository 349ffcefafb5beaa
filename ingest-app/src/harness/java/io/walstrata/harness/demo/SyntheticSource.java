package io.walstrata.harness.demo;

import io.walstrata.ingest.produce.ProducerHandle;
import io.walstrata.ingest.produce.SyntheticContent;
import io.walstrata.ingest.produce.SyntheticProducer;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Generated load, every version of which can be computed again. */
final class SyntheticSource implements DemoSource {
  private static final long VERSIONS = 30_000;
  private static final Map<String, String> CONTENT =
      Map.of(
          "layout", "random",
          "keys", "1000",
          "value-bytes", "400",
          "image-every", "6",
          "versions", Long.toString(VERSIONS),
          "rate", "8000");

  /** What the page has seen at the three moments: so many of its 30 versions. */
  private static final List<Integer> MOMENTS = List.of(3, 14, 30);

  @Override
  public String startServer() {
    return "generated load: 30 versions of each of 1,000 pages, every sixth an image";
  }

  @Override
  public TimelineId timeline() {
    return content().timeline(0);
  }

  @Override
  public ProducerHandle startProducer(String topic, String bootstrapServers, String registryUrl) {
    Map<String, String> settings = new HashMap<>(CONTENT);
    settings.putAll(
        Map.of(
            "topic", topic,
            "bootstrap.servers", bootstrapServers,
            "schema.registry.url", registryUrl));
    return SyntheticProducer.start(settings);
  }

  @Override
  public String producing() {
    return "writes generated load";
  }

  @Override
  public DemoStory run(ProducerHandle producer, Steps steps) throws InterruptedException {
    String step = String.format("write %,d versions", VERSIONS);
    while (!producer.await(Duration.ofMillis(100))) {
      steps.progress(step, producer.progress().versions(), VERSIONS);
    }
    SyntheticContent content = content();
    steps.done(step, content.lsn(VERSIONS - 1));
    return story(content);
  }

  private static SyntheticContent content() {
    Map<String, String> settings = new HashMap<>(CONTENT);
    settings.putAll(Map.of("topic", "-", "bootstrap.servers", "-", "schema.registry.url", "-"));
    return SyntheticProducer.content(settings);
  }

  private static DemoStory story(SyntheticContent content) {
    TimelineId timeline = content.timeline(0);
    PageKey key = content.key(timeline, 0);
    List<SyntheticContent.Numbered> versions = content.versions(timeline, key, VERSIONS);
    List<Moment> moments = new ArrayList<>();
    for (int count : MOMENTS) {
      Lsn lsn = versions.get(count - 1).lsn();
      moments.add(new Moment(lsn, "its version number " + count, lsn, null));
    }
    return new DemoStory(
        timeline,
        key,
        "a generated page (tablespace.database.relation.fork.block)",
        "the LSN computed for that version",
        moments);
  }
}
