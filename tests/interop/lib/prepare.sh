# Sourced by the runners, in their own folder: finds node, installs what package-lock.json says, and sets WHCTL_BIN.

fail() {
	echo "$*" >&2
	exit 1
}

command -v node >/dev/null || fail 'node is not installed; version 18 or later is needed'
command -v npm >/dev/null || fail 'npm is not installed; it comes with node'
node -e 'process.exitCode = parseInt(process.versions.node) < 18 ? 1 : 0' || fail "node $(node --version) is too old; version 18 or later is needed"

# Packages are installed again only when the lock file has changed. No script of a package is run.
lock=$(cksum <package-lock.json)
if [[ $(cat node_modules/.lock 2>/dev/null) != "$lock" ]]; then
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --maxsockets=32 || fail 'npm ci failed'
	printf '%s\n' "$lock" >node_modules/.lock
fi

# The program: WHCTL_BIN, else WHCTL as CI has it, else it is built.
WHCTL_BIN=${WHCTL_BIN:-${WHCTL-}}
if [[ -z $WHCTL_BIN ]]; then
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	WHCTL_BIN=$tmp/whctl
	CGO_ENABLED=0 go build -C ../.. -trimpath -o "$WHCTL_BIN" ./cmd/whctl || fail 'whctl could not be built'
fi
[[ $WHCTL_BIN == /* ]] || WHCTL_BIN=$PWD/$WHCTL_BIN
[[ -x $WHCTL_BIN ]] || fail "WHCTL_BIN: $WHCTL_BIN is not a program"
export WHCTL_BIN
