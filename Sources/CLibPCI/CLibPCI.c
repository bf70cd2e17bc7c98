int hostdev_x;
