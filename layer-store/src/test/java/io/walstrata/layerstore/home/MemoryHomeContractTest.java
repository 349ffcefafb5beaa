package io.walstrata.layerstore.home;

import io.walstrata.layerstore.testkit.MemoryHome;
import java.nio.file.Path;

class MemoryHomeContractTest extends LayerHomeContract {
  @Override
  protected LayerHome create(Path scratch) {
    return new MemoryHome();
  }

  @Override
  protected LayerHome again(LayerHome same) {
    return same; // in one process there is but this
  }
}
