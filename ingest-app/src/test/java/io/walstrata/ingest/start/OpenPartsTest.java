package io.walstrata.ingest.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // What is held is not asked for anything.
class OpenPartsTest {
  private final List<String> closed = new ArrayList<>();
  private final OpenParts parts = new OpenParts();

  private Closeable part(String name) {
    return () -> closed.add(name);
  }

  @Test
  void partsAreClosedOnce_theLastFirst_alsoIfOneFails() throws Exception {
    parts.add("a", part("a"));
    parts.add(
        "b",
        () -> {
          throw new IOException("b cannot be closed");
        });
    parts.add("c", part("c"));
    parts.check();
    parts.close();
    parts.close();
    assertThat(closed).containsExactly("c", "a");
  }

  @Test
  void partsThatExistAlready_areClosedLast_theFirstOfThemAtTheEnd() throws Exception {
    OpenParts all =
        new OpenParts(new OpenParts.Part("a", part("a")), new OpenParts.Part("b", part("b")));
    all.add("c", part("c"));
    all.close();
    assertThat(closed).containsExactly("c", "b", "a");
  }

  @Test
  void partsWithinParts_areClosedInTheirPlace_howeverLateTheyAreOpened() throws Exception {
    OpenParts inner = new OpenParts();
    parts.add("inner", inner);
    parts.add("user", part("user"));
    inner.add("late", part("late"));
    parts.close();
    assertThat(closed).containsExactly("user", "late");
    assertThatThrownBy(() -> inner.add("later", part("later")))
        .isInstanceOf(StartupException.class);
    assertThat(closed).containsExactly("user", "late", "later");
  }

  @Test
  void whatIsOpenedAfterTheClose_isClosedAtOnce() {
    parts.close();
    assertThatThrownBy(() -> parts.add("late", part("late")))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("stopped while starting");
    assertThat(closed).containsExactly("late");
    assertThatThrownBy(parts::check).isInstanceOf(StartupException.class);
  }
}
