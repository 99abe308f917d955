package droplets_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// finder is what the function below needs, and no more. The package that calls declares it; *droplets.DropletsService
// has it, and so has a fake of three lines.
type finder interface {
	FindByName(ctx context.Context, name string, co ...droplets.CallOption) (*droplets.Droplet, error)
}

// address is the function under test.
func address(ctx context.Context, in finder, name string) (string, error) {
	d, err := in.FindByName(ctx, name)
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

// fixed is a fake for what is hard to bring about.
type fixed struct{ droplet *droplets.Droplet }

func (f fixed) FindByName(context.Context, string, ...droplets.CallOption) (*droplets.Droplet, error) {
	return f.droplet, nil
}

// Your own code is tested against the API in memory, which behaves; or against a fake of the one method it needs.
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
