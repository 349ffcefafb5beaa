package io.walstrata.layerstore.testkit.faultfs;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** A directory being read. Its entries are sorted, so that one seed always gives one run. */
final class FaultDirectoryStream implements DirectoryStream<Path> {
  private final FaultFileSystem fileSystem;
  private final Path directory;
  private final List<Path> entries;
  private final Filter<? super Path> filter;

  FaultDirectoryStream(
      FaultFileSystem fileSystem, Path directory, List<Path> entries, Filter<? super Path> filter) {
    this.fileSystem = fileSystem;
    this.directory = directory;
    this.entries = entries;
    this.filter = filter;
    fileSystem.opened(this, directory);
  }

  @Override
  public Iterator<Path> iterator() {
    return new Iterator<>() {
      private @Nullable Iterator<Path> filtered;

      private Iterator<Path> filtered() {
        Iterator<Path> known = filtered;
        if (known == null) {
          known = filter();
          filtered = known;
        }
        return known;
      }

      @Override
      public boolean hasNext() {
        return filtered().hasNext();
      }

      @Override
      public Path next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return filtered().next();
      }
    };
  }

  private Iterator<Path> filter() {
    List<Path> accepted = new ArrayList<>();
    try {
      fileSystem.step(Step.Kind.LIST, directory, () -> {});
      for (Path entry : entries) {
        if (filter.accept(entry)) {
          accepted.add(entry);
        }
      }
    } catch (IOException e) {
      throw new DirectoryIteratorException(e);
    }
    return accepted.iterator();
  }

  @Override
  public void close() {
    synchronized (fileSystem.disk()) {
      fileSystem.closed(this);
    }
  }
}
