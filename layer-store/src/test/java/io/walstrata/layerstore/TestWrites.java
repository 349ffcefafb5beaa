package io.walstrata.layerstore;

import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.file.WriteResources;
import io.walstrata.layerstore.internal.layer.InMemoryLayer;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Threads and buffers for tests of parts that otherwise get them from a store. */
public final class TestWrites {
  public static final WriteResources RESOURCES =
      new WriteResources(System::nanoTime, Thread::new, 8 << 20);

  private TestWrites() {}

  /** Starts layer files in a home. */
  public static InMemoryLayer.Files files(LayerHome home) {
    return path -> create(home, path);
  }

  /** Starts a layer file in a home. */
  public static LayerFileOutput create(LayerHome home, LayerPath path) throws IOException {
    return home.create(path, ByteBuffer.allocate(1 << 15), RESOURCES.background().syncs());
  }
}
