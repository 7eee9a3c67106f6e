// Built with the sanitizers only: commits the fault that its argument names, to show that they are on and stop the
// program.
#include <limits>
#include <string_view>
#include <vector>

int main(int argc, char** argv) {
  const std::string_view fault = argc > 1 ? argv[1] : "";
  if (fault == "address") {
    const std::vector<int> values(static_cast<std::size_t>(argc), 1);
    return values.data()[argc];
  }
  if (fault == "undefined") {
    const int greatest = std::numeric_limits<int>::max();
    return greatest + argc > 0 ? 0 : 3;
  }
  return 2;
}
