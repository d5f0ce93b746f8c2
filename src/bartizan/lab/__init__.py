"""A deliberately weak AI estate on loopback, to try the product on. Nothing here is of use off this machine."""
