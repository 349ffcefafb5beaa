package io.walstrata.harness.demo;

import io.walstrata.harness.servers.JobReader;
import io.walstrata.ingest.http.Answers;
import io.walstrata.ingest.produce.ProducerHandle;
import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the demo's load and follows it through the job, step by step on the console. */
final class DemoLoad implements DemoSource.Steps {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final DemoSource source;
  private final ProducerHandle producer;
  private final JobReader job;
  private final DemoConsole console;
  private final Runnable check;
  private Lsn lastLsn = Lsn.INVALID;
  private DemoConsole.@Nullable Progress bar;

  DemoLoad(
      DemoSource source,
      ProducerHandle producer,
      JobReader job,
      DemoConsole console,
      Runnable check) {
    this.source = source;
    this.producer = producer;
    this.job = job;
    this.console = console;
    this.check = check;
  }

  /** Makes the load and returns when the job has all of it. */
  DemoStory run() throws Exception {
    console.heading("Load");
    DemoStory story = source.run(producer, this);
    awaitIngested(story);
    return story;
  }

  @Override
  public void progress(String step, long done, long total) {
    if (bar == null) {
      bar = console.progress(step, total);
    }
    bar.stepTo(done, "");
  }

  @Override
  public void done(String step, Lsn lsn) {
    closeBar();
    lastLsn = lsn;
    console.step("%-52s WAL at %-12s %s", step, lsn, layers());
    check.run();
  }

  /** What the job has at this moment. */
  private String layers() {
    try {
      long deltas =
          job.layers(source.timeline()).stream()
              .filter(layer -> layer.state().equals("delta"))
              .count();
      return deltas == 1 ? "1 delta layer" : deltas + " delta layers";
    } catch (IOException e) {
      return ""; // Only for show; who waits for the job reports what is wrong with it.
    }
  }

  private void closeBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  private void awaitIngested(DemoStory story) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Lsn first = story.moments().get(0).lsn();
    long total = lastLsn.value() - first.value();
    try {
      while (true) {
        check.run();
        Lsn reached =
            job.timeline(story.timeline())
                .map(timeline -> Lsn.parse(timeline.lastLsn()))
                .orElse(Lsn.INVALID);
        if (!reached.isBefore(lastLsn)) {
          break;
        }
        if (System.nanoTime() - deadline > 0) {
          throw new DemoFailedException(
              "the job has not reached the end of the load: lsn="
                  + lastLsn
                  + " reached="
                  + reached
                  + " producer="
                  + producer.progress());
        }
        progress("the job reads the topic", Math.max(0, reached.value() - first.value()), total);
        Thread.sleep(50);
      }
    } finally {
      closeBar();
    }
    List<Answers.Layer> layers = job.layers(story.timeline());
    long deltas = layers.stream().filter(layer -> layer.state().equals("delta")).count();
    console.step("the job has all of it: %d layers, %d of them delta files", layers.size(), deltas);
  }
}
