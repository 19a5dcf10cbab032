# Sourced by the runners of recipes and handlers: installs the frameworks that apt has, and the packages that are named besides.
packages=(
	python3-flask python3-django python3-fastapi python3-uvicorn ruby-actionpack ruby-railties ruby-sinatra puma
	php-cli php-illuminate-http php-illuminate-routing php-illuminate-events php-illuminate-container php-symfony-http-foundation
	default-jdk-headless libtomcat9-java libspring-web-java libspring-web-servlet-java libspring-context-java "$@"
)
missing=()
for p in "${packages[@]}"; do dpkg -s "$p" >/dev/null 2>&1 || missing+=("$p"); done
if ((${#missing[@]})); then
	sudo=; if ((EUID != 0)); then sudo='sudo -n'; fi
	$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
