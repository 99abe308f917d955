module github.com/droplets-go/droplets/benchmarks

go 1.26

require (
	github.com/digitalocean/godo v1.236.0
	github.com/droplets-go/droplets v0.0.0
	golang.org/x/oauth2 v0.36.0
)

require (
	github.com/google/go-querystring v1.2.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.7 // indirect
	golang.org/x/time v0.6.0 // indirect
)

replace github.com/droplets-go/droplets => ../
