package io.walstrata.layerstore.testkit.faultfs;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file: its bytes as processes see them, every change of them, and which are durable. */
final class DiskFile implements DiskNode {
  /*
   * A force that fails leaves its changes in doubt for ever: the kernel may have marked their pages
   * clean although they never reached the disk, and then the next force, which succeeds, does not
   * write them. Only bytes that are written again are safe after it.
   */
  private static final int PAGE = 4096;
  private static final int SECTOR = 512;

  private enum State {
    PENDING,
    IN_DOUBT,
    DURABLE
  }

  private static final class Change {
    final int position; // the new size, if there are no bytes
    final byte @Nullable [] bytes;
    State state = State.PENDING;

    Change(int position, byte @Nullable [] bytes) {
      this.position = position;
      this.bytes = bytes;
    }
  }

  private final List<Change> changes = new ArrayList<>();
  private final Content seen = new Content();

  private void change(Change change) {
    changes.add(change);
    seen.apply(change);
  }

  void write(long position, byte[] bytes) {
    change(new Change(Math.toIntExact(position), bytes));
  }

  void truncate(long size) {
    if (size < seen.length) {
      change(new Change((int) size, null));
    }
  }

  /** Makes what was written durable, or doubtful. */
  void force(boolean succeeds) {
    for (Change change : changes) {
      if (change.state == State.PENDING) {
        change.state = succeeds ? State.DURABLE : State.IN_DOUBT;
      }
    }
  }

  int size() {
    return seen.length;
  }

  /** Reads as many bytes as there are and as fit; returns how many, -1 at the end of the file. */
  int read(long position, ByteBuffer target, int atMost) {
    if (position >= seen.length) {
      return atMost == 0 ? 0 : -1;
    }
    int count = (int) Math.min(atMost, seen.length - position);
    target.put(seen.bytes, (int) position, count);
    return count;
  }

  /** Returns what the file holds after a power loss. */
  byte[] content(Survival survival) {
    int unsure = (int) changes.stream().filter(c -> c.state != State.DURABLE).count();
    Survival.Mode mode = survival.mode();
    int kept = mode == Survival.Mode.PREFIX ? survival.below(unsure + 1) : 0;
    Content content = new Content();
    int number = 0;
    for (Change change : changes) {
      if (change.state == State.DURABLE) {
        content.apply(change);
      } else {
        switch (mode) {
          case NOTHING -> {}
          case EVERYTHING -> content.apply(change);
          case PREFIX -> {
            if (number < kept) {
              content.apply(change);
            } else if (number == kept) {
              content.applyStart(change, survival);
            }
          }
          case EACH -> content.applyPages(change, survival);
        }
        number++;
      }
    }
    return Arrays.copyOf(content.bytes, content.length);
  }

  private static final class Content {
    byte[] bytes = {};
    int length;

    void apply(Change change) {
      if (change.bytes == null) {
        resize(change.position);
      } else {
        put(change.position, change.bytes, 0, change.bytes.length);
      }
    }

    void applyStart(Change change, Survival survival) {
      if (change.bytes != null) {
        put(change.position, change.bytes, 0, survival.below(change.bytes.length + 1));
      }
    }

    void applyPages(Change change, Survival survival) {
      byte[] written = change.bytes;
      if (written == null) {
        if (survival.flip()) {
          apply(change);
        }
        return;
      }
      int at = change.position;
      int from = 0;
      while (from < written.length) {
        int to = Math.min(written.length, from + PAGE - (at + from) % PAGE);
        switch (survival.below(4)) {
          case 0 -> put(at + from, written, from, to - from);
          case 1 -> {
            int sectors = survival.below(PAGE / SECTOR) * SECTOR;
            put(at + from, written, from, Math.min(to - from, sectors));
          }
          // The length has reached the disk and the bytes have not.
          case 2 -> resize(Math.max(length, at + to));
          default -> {}
        }
        from = to;
      }
    }

    private void put(int position, byte[] source, int from, int count) {
      if (count > 0) {
        resize(Math.max(length, position + count));
        System.arraycopy(source, from, bytes, position, count);
      }
    }

    private void resize(int newLength) {
      if (newLength < length) {
        Arrays.fill(bytes, newLength, length, (byte) 0);
      } else if (newLength > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(newLength, 2 * bytes.length));
      }
      length = newLength;
    }
  }
}
