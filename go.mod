module github.com/droplets-go/droplets

go 1.26

require (
	github.com/google/go-querystring v1.2.0
	golang.org/x/oauth2 v0.36.0
)

require pgregory.net/rapid v1.3.0

require (
	github.com/stretchr/testify v1.12.1
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
