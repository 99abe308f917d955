package droplets_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// finder has the only method that the function below needs. The caller's package declares it. *droplets.DropletsService
// implements it, and so does a fake of a few lines.
type finder interface {
	FindByName(ctx context.Context, name string, co ...droplets.CallOption) (*droplets.Droplet, error)
}

// address is the function under test.
func address(ctx context.Context, service finder, name string) (string, error) {
	d, err := service.FindByName(ctx, name)
	if errors.Is(err, droplets.ErrNotFound) {
		return "", fmt.Errorf("there is no %s: create it first", name)
	}
	if err != nil {
		return "", err
	}
	addr, ok := d.PublicIPv4()
	if !ok {
		return "", fmt.Errorf("%s has no address yet", name)
	}
	return addr.String(), nil
}

// fixed is a fake that returns a fixed result.
type fixed struct{ droplet *droplets.Droplet }

func (f fixed) FindByName(context.Context, string, ...droplets.CallOption) (*droplets.Droplet, error) {
	return f.droplet, nil
}

// Code that uses this package can be tested with the in-memory fake, or with a fake of the methods that it needs.
func Example_testing() {
	ctx := context.Background()
	client := dropletstest.New(dropletstest.WithDroplets(1)).Client()

	fmt.Println(address(ctx, client.Droplets, "droplet-00001"))
	fmt.Println(address(ctx, client.Droplets, "web-1"))
	fmt.Println(address(ctx, fixed{&droplets.Droplet{Name: "web-1"}}, "web-1"))
	// Output:
	// 198.18.0.2 <nil>
	//  there is no web-1: create it first
	//  web-1 has no address yet
}
