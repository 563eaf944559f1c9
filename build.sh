#!/bin/sh
# For a machine that has only the .NET SDK. The verbs are in build/; see README.md.
set -eu
cd "$(dirname "$0")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
command -v dotnet > /dev/null || {
  echo "build.sh: the .NET SDK is not on PATH. Install .NET SDK 10 (https://dot.net), then run this again." >&2
  exit 2
}
said=$(dotnet build build/Build.csproj -c Release -v q --nologo 2>&1) || {
  echo "$said" >&2
  exit 1
}
# A shell without job control starts what is in the background with Ctrl-C ignored, and so would everything below; labs and tests need it.
if env --default-signal=INT,QUIT true 2> /dev/null; then
  exec env --default-signal=INT,QUIT dotnet out/build/Build.dll "$@"
fi
exec dotnet out/build/Build.dll "$@"
